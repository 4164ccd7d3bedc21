import { formatAddress, parseAddress } from "ipvs-netlink";
import { addressText } from "../../net/address-text.ts";
import { writeAddress } from "../../vrrp/packet/ip-address.ts";
import { macText } from "./arp.ts";

// ICMPv6 135: TYPE u8 · CODE u8 · CHECKSUM be16 · RESERVED be32 · TARGET 16 octets · option 1: TYPE u8 · LENGTH u8 · MAC
// ICMPv6 136: the same with flags in place of RESERVED, option 2 (RFC 4861 sections 4.3 and 4.4)
const SOLICITATION = 135;
const ADVERTISEMENT = 136;
const SOURCE_LINK_ADDRESS = 1;
const TARGET_LINK_ADDRESS = 2;
const HEADER_BYTES = 24;

/**
 * Asks who has an address. It is an ordinary question from our own link-local address and no duplicate address detection (RFC
 * 4862 section 5.4): that would keep a router from the address that is just taking it. The kernel adds the checksum.
 */
export function neighbourSolicitation(mac: Uint8Array, address: string): Buffer {
  const message = Buffer.alloc(HEADER_BYTES + 8);
  message[0] = SOLICITATION;
  writeAddress(message, 8, "inet6", address);
  message[HEADER_BYTES] = SOURCE_LINK_ADDRESS;
  message[HEADER_BYTES + 1] = 1;
  message.set(mac, HEADER_BYTES + 2);
  return message;
}

/** The group that is asked: ff02::1:ff and the last 24 bits (RFC 4291 section 2.7.1). */
export function solicitedNodeGroup(address: string): string {
  const octets = parseAddress(address) as Uint8Array;
  const group = Uint8Array.from([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ...octets.subarray(13, 16)]);
  return formatAddress("inet6", group);
}

/** Who says in this ICMPv6 message that it has which address; null: it is no answer, or one without a MAC. */
export function readNeighbourAdvertisement(message: Buffer): { readonly address: string; readonly mac: string } | null {
  if (message.length < HEADER_BYTES || message[0] !== ADVERTISEMENT) return null;
  for (let at = HEADER_BYTES; at + 8 <= message.length; ) {
    const bytes = (message[at + 1] as number) * 8;
    if (bytes === 0) return null;
    if (message[at] === TARGET_LINK_ADDRESS) {
      return { address: addressText(message, 8, "inet6"), mac: macText(message.subarray(at + 2, at + 8)) };
    }
    at += bytes;
  }
  return null;
}
