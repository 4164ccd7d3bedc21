import { whole } from "../checks.ts";
import { u32 } from "../netlink/attribute-types.ts";
import { Memory } from "../netlink/memory.ts";
import type { AddressFamily } from "../table.ts";

/** `Persistence.prefixLength` of an IPv4 mask whose ones are not contiguous: the kernel takes any four octets. */
export const NO_PREFIX = -1;

export function fullPrefixLength(family: AddressFamily): number {
  return family === "inet" ? 32 : 128;
}

/** IPVS_SVC_ATTR_NETMASK of a prefix. IPv6 has no /0 here: the kernel answers EINVAL. Throws NetlinkError `invalid`. */
export function netmaskOfPrefix(family: AddressFamily, prefixLength: number): Uint8Array {
  const mask = Memory.ofSize(4);
  if (family === "inet6") u32.write(mask, 0, whole("prefix length", prefixLength, 1, 128));
  else {
    whole("prefix length", prefixLength, 0, 32);
    for (let bit = 0; bit < prefixLength; bit++) {
      mask.u8[bit >> 3] = (mask.u8[bit >> 3] as number) | (0x80 >> (bit & 7));
    }
  }
  return mask.u8;
}

/** The prefix length of a mask, or NO_PREFIX. */
export function prefixOfNetmask(family: AddressFamily, mask: Uint8Array): number {
  if (family === "inet6") return u32.read(new Memory(mask), 0, 4);
  const bits = Array.from(mask, (octet) => octet.toString(2).padStart(8, "0")).join("");
  const zero = bits.indexOf("0");
  if (zero < 0) return 32;
  return bits.includes("1", zero) ? NO_PREFIX : zero;
}
