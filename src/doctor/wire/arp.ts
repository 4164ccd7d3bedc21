import { addressText } from "../../net/address-text.ts";
import { writeAddress } from "../../vrrp/packet/ip-address.ts";
import { MAC_BROADCAST } from "../../vrrp/packet/mac-address.ts";

const FRAME_BYTES = 42;
// Ethernet header: DESTINATION 6 octets · SOURCE 6 octets · ETHERTYPE be16
// ARP (RFC 826): HARDWARE be16 · PROTOCOL be16 · their lengths u8 u8 · OPERATION be16
//   SENDER_MAC 6 octets · SENDER 4 octets · TARGET_MAC 6 octets · TARGET 4 octets
const REQUEST = Uint8Array.of(0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 6, 4, 0x00, 0x01);
const REPLY = 2;

/** An ARP probe (RFC 5227 section 2.1.1): who has `address`? Its sender is 0.0.0.0, so that nobody's cache learns anything. */
export function arpProbe(mac: Uint8Array, address: string): Buffer {
  const frame = Buffer.alloc(FRAME_BYTES);
  frame.set(MAC_BROADCAST, 0);
  frame.set(mac, 6);
  frame.set(REQUEST, 12);
  frame.set(mac, 22);
  writeAddress(frame, 38, "inet", address);
  return frame;
}

/** Who says in this frame that it has which address; null: it is no answer. */
export function readArpReply(frame: Buffer): { readonly address: string; readonly mac: string } | null {
  if (frame.length < FRAME_BYTES || frame.readUInt16BE(12) !== 0x0806) return null;
  if (frame.readUInt16BE(14) !== 1 || frame.readUInt16BE(16) !== 0x0800 || frame.readUInt16BE(20) !== REPLY)
    return null;
  return { address: addressText(frame, 28, "inet"), mac: macText(frame.subarray(22, 28)) };
}

/** "02:00:5e:10:00:01". */
export function macText(octets: Uint8Array): string {
  return [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join(":");
}

/** Null: the text is no MAC address. */
export function macOctets(text: string): Uint8Array | null {
  const octets = text.split(":").map((part) => Number.parseInt(part, 16));
  return octets.length === 6 && octets.every((octet) => octet >= 0 && octet <= 255) ? Uint8Array.from(octets) : null;
}
