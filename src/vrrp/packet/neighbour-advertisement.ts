import { parseAddress } from "ipvs-netlink";
import { checksumOf, sumOf } from "./checksum.ts";
import { writeAddress } from "./ip-address.ts";
import { multicastMac } from "./mac-address.ts";
import { pseudoHeaderSum } from "./pseudo-header.ts";

export const NEIGHBOUR_ADVERTISEMENT_BYTES = 86;

const PROTOCOL_ICMPV6 = 58;
const ALL_NODES = parseAddress("ff02::1") as Uint8Array;
const ALL_NODES_MAC = multicastMac(ALL_NODES);

// Flags of a neighbour advertisement, first octet (RFC 4861 section 4.4).
const FLAG_ROUTER = 0x80;
const FLAG_OVERRIDE = 0x20;

const ETHERNET_BYTES = 14;
const IPV6 = ETHERNET_BYTES;
const ICMP = IPV6 + 40;

/**
 * Writes the Ethernet frame of an unsolicited neighbour advertisement to all nodes: `address`, which is its source too, is at
 * `mac`, whatever the neighbours' caches hold. `router`: this machine forwards IPv6; a neighbour that hears otherwise drops
 * it as default router (RFC 4861 section 7.2.5). Answers the offset after the frame.
 */
export function writeNeighbourAdvertisement(
  buffer: Buffer,
  offset: number,
  { mac, address, router }: { readonly mac: Uint8Array; readonly address: string; readonly router: boolean },
): number {
  const end = offset + NEIGHBOUR_ADVERTISEMENT_BYTES;
  buffer.fill(0, offset, end);
  // Ethernet: DESTINATION 6 octets · SOURCE 6 octets · ETHERTYPE be16
  buffer.set(ALL_NODES_MAC, offset);
  buffer.set(mac, offset + 6);
  buffer.writeUInt16BE(0x86dd, offset + 12);
  // IPv6 (RFC 8200 section 3): VERSION CLASS LABEL be32 · PAYLOAD be16 · NEXT_HEADER u8 · HOP_LIMIT u8 · SOURCE · DESTINATION
  const ip = offset + IPV6;
  const icmp = offset + ICMP;
  buffer[ip] = 0x60;
  buffer.writeUInt16BE(end - icmp, ip + 4);
  buffer[ip + 6] = PROTOCOL_ICMPV6;
  buffer[ip + 7] = 255;
  writeAddress(buffer, ip + 8, "inet6", address);
  buffer.set(ALL_NODES, ip + 24);
  // ICMPv6 136: TYPE u8 · CODE u8 · CHECKSUM be16 · FLAGS be32 · TARGET 16 octets · option 2: TYPE u8 · LENGTH u8 · MAC
  buffer[icmp] = 136;
  buffer[icmp + 4] = FLAG_OVERRIDE | (router ? FLAG_ROUTER : 0);
  writeAddress(buffer, icmp + 8, "inet6", address);
  buffer[icmp + 24] = 2;
  buffer[icmp + 25] = 1;
  buffer.set(mac, icmp + 26);
  const source = buffer.subarray(ip + 8, ip + 24);
  const sum = pseudoHeaderSum(source, ALL_NODES, PROTOCOL_ICMPV6, end - icmp) + sumOf(buffer, icmp, end);
  buffer.writeUInt16BE(checksumOf(sum), icmp + 2);
  return end;
}
