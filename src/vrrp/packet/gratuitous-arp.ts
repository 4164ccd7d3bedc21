import { writeAddress } from "./ip-address.ts";
import { MAC_BROADCAST, MAC_BYTES } from "./mac-address.ts";

export const GRATUITOUS_ARP_BYTES = 42;

// Ethernet header: DESTINATION 6 octets · SOURCE 6 octets · ETHERTYPE be16
// ARP (RFC 826): HARDWARE be16 · PROTOCOL be16 · their lengths u8 u8 · OPERATION be16
//   SENDER_MAC 6 octets · SENDER 4 octets · TARGET_MAC 6 octets · TARGET 4 octets
const ETHERTYPE_ARP_AND_HEADER = Uint8Array.of(0x08, 0x06, 0x00, 0x01, 0x08, 0x00, MAC_BYTES, 4, 0x00, 0x01);

/**
 * Writes the Ethernet frame by which neighbours learn that `address` is now at `mac`: a broadcast request that asks for its
 * own sender (RFC 9568 section 6.4.1), target MAC all ones as keepalived sends it. Answers the offset after it.
 */
export function writeGratuitousArp(buffer: Buffer, offset: number, mac: Uint8Array, address: string): number {
  buffer.set(MAC_BROADCAST, offset);
  buffer.set(mac, offset + 6);
  buffer.set(ETHERTYPE_ARP_AND_HEADER, offset + 12);
  buffer.set(mac, offset + 22);
  writeAddress(buffer, offset + 28, "inet", address);
  buffer.set(MAC_BROADCAST, offset + 32);
  return writeAddress(buffer, offset + 38, "inet", address);
}
