import { parseAddress } from "./address.ts";
import { NetlinkError } from "./errors.ts";

/** Octets of an address. Throws NetlinkError `invalid`. */
export function addressOctets(text: string): Uint8Array {
  const octets = parseAddress(text);
  if (octets === null) throw invalid(`"${text}" is no IPv4 or IPv6 address`);
  return octets;
}

/** The value itself if it is a whole number in the range. Throws NetlinkError `invalid`. */
export function whole(what: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(`${what} ${value} is not a whole number from ${least} to ${most}`);
}

/** The name itself if it fits the kernel's field of `fieldBytes` with its final zero. Throws NetlinkError `invalid`. */
export function shortName(what: string, name: string, fieldBytes: number): string {
  const bytes = Buffer.byteLength(name);
  if (bytes >= 1 && bytes < fieldBytes && !name.includes("\0")) return name;
  throw invalid(`${what} "${name}" must have 1 to ${fieldBytes - 1} octets`);
}

export function invalid(reason: string): NetlinkError {
  return new NetlinkError("invalid", reason, "EINVAL");
}

/** What an answer must carry. Throws NetlinkError `malformed`. */
export function present<T>(what: string, value: T | undefined): T {
  if (value === undefined) throw new NetlinkError("malformed", `the kernel's answer carries no ${what}`);
  return value;
}

export const MAX_U16 = 0xffff;
export const MAX_U32 = 0xffff_ffff;
export const MAX_S32 = 0x7fff_ffff;
