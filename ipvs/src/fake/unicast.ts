import type { DestinationAttributes } from "../ipvs/attributes.ts";
import { AF_INET } from "../netlink/constants.ts";

/**
 * Whether ip_vs_new_dest takes the address: IPv4 must be unicast or local (inet_addr_type), IPv6 unicast and not
 * link-local (ipv6_addr_type, for which ::ffff:0:0/96 is none). An interface's own link-local address and broadcast addresses depend on interfaces, which a fake has not.
 */
export function isUnicastDestination({ family, address }: DestinationAttributes): boolean {
  if (address === undefined) return false;
  const [first = 0, second = 0] = address;
  const unspecified = address.every((octet) => octet === 0);
  if (family === AF_INET) {
    const multicast = first >= 224 && first < 240;
    const broadcast = address.subarray(0, 4).every((octet) => octet === 0xff);
    return !unspecified && !multicast && !broadcast;
  }
  const mapped = address.subarray(0, 10).every((octet) => octet === 0) && address[10] === 0xff && address[11] === 0xff;
  const linkLocal = first === 0xfe && (second & 0xc0) === 0x80;
  return !unspecified && !mapped && first !== 0xff && !linkLocal;
}
