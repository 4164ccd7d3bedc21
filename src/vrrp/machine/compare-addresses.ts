import { parseAddress } from "ipvs-netlink";

/**
 * Above 0 when the first is the greater as an unsigned number in network order, which is how equal priorities are told
 * apart (RFC 9568 section 6.4.3). Both are canonical and of one family.
 */
export function compareAddresses(one: string, other: string): number {
  if (one === other) return 0;
  const octets = parseAddress(one);
  const others = parseAddress(other);
  if (octets === null || others === null) throw new RangeError(`no address: ${octets === null ? one : other}`);
  const at = octets.findIndex((octet, index) => octet !== others[index]);
  return at < 0 ? 0 : (octets[at] ?? 0) - (others[at] ?? 0);
}
