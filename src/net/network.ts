import { parseAddress } from "ipvs-netlink";

/** An address with the length of its network's prefix. */
export interface Network {
  readonly address: string;
  readonly prefixLength: number;
}

/** True when the address is one of the network's; never across families. */
export function networkContains({ address: base, prefixLength }: Network, address: string): boolean {
  if (base.includes(":") !== address.includes(":")) return false;
  // Most networks are told apart by their first octet, which is quick.
  if (prefixLength >= 8 && !base.includes(":") && firstOctet(base) !== firstOctet(address)) return false;
  const [left, right] = [parseAddress(base), parseAddress(address)];
  if (left === null || right === null) return false;
  const octets = prefixLength >> 3;
  for (let at = 0; at < octets; at++) if (left[at] !== right[at]) return false;
  const rest = prefixLength & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((left[octets] as number) & mask) === ((right[octets] as number) & mask);
}

function firstOctet(address: string): string {
  return address.slice(0, address.indexOf("."));
}

/** An address as "ip" writes it, perhaps with the length of its prefix; null for words such as "default". */
export function networkOf(text: string): Network | null {
  const [address = "", length] = text.split("/");
  if (parseAddress(address) === null) return null;
  const longest = address.includes(":") ? 128 : 32;
  return { address, prefixLength: length === undefined ? longest : Number(length) };
}
