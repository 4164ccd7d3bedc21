import type { AddressFamily } from "ipvs-netlink";

export const MAC_BYTES = 6;

export const MAC_BROADCAST: Uint8Array = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff);

/** The virtual router's MAC address (RFC 9568 section 7.3): 00:00:5e:00:01:VRID, over IPv6 00:00:5e:00:02:VRID. */
export function virtualRouterMac(family: AddressFamily, virtualRouterId: number): Uint8Array {
  return Uint8Array.of(0x00, 0x00, 0x5e, 0x00, family === "inet" ? 1 : 2, virtualRouterId);
}

/**
 * The MAC address that frames to a multicast group go to: 01:00:5e and the last 23 bits (RFC 1112 section 6.4), 33:33 and
 * the last 32 bits (RFC 2464 section 7). `group` is 4 or 16 octets.
 */
export function multicastMac(group: Uint8Array): Uint8Array {
  const [a = 0, b = 0, c = 0, d = 0] = group.subarray(group.length - 4);
  return group.length === 4 ? Uint8Array.of(0x01, 0x00, 0x5e, b & 0x7f, c, d) : Uint8Array.of(0x33, 0x33, a, b, c, d);
}
