import { parseAddress } from "ipvs-netlink";
import { addressBytes } from "../../net/address-text.ts";
import type { AdvertBytes, AdvertSettings } from "./advert.ts";
import { AH_BYTES, writeAuthenticationHeader } from "./authentication-header.ts";
import { checksumOf, sumOf } from "./checksum.ts";
import {
  AUTH_AH,
  AUTH_NONE,
  AUTH_PASS,
  GROUP_INET,
  IPV4_HEADER_BYTES,
  MAX_ADDRESSES,
  PASSWORD_BYTES,
  PROTOCOL_AH,
  PROTOCOL_VRRP,
  TYPE_ADVERTISEMENT,
  VRRP_HEADER_BYTES,
} from "./constants.ts";
import type { HmacKey } from "./hmac-key.ts";
import { type SignedBytes, TRAILER_BYTES, writeTrailer } from "./hmac-trailer.ts";
import { writeAddress } from "./ip-address.ts";
import { writeIdentification, writeIpv4Header } from "./ipv4-header.ts";
import { PacketError } from "./packet-error.ts";
import { pseudoHeaderSum } from "./pseudo-header.ts";

// VRRP message, version 2 (RFC 3768 section 5.1) and version 3 (RFC 9568 section 5.1)
//   VERSION TYPE u8 · VRID u8 · PRIORITY u8 · ADDRESS_COUNT u8
//   version 2: AUTH_TYPE u8 · ADVERT_INT u8 s · CHECKSUM be16 · addresses · AUTH_DATA 8 octets
//   version 3: reserved 4 bits, ADVERT_INT 12 bits cs · CHECKSUM be16 · addresses
export const PRIORITY = 2;
const CHECKSUM = 6;

/** An advert in its buffer, ready to be sent, or to be stamped and sent when it is authenticated. */
export interface EncodedAdvert extends AdvertBytes {
  readonly settings: AdvertSettings;
  readonly sourceOctets: Uint8Array;
  /** Sum of the pseudo header that the checksum covers; 0 without. */
  readonly pseudoHeaderSum: number;
}

/** Octets that `encodeAdvert` writes. */
export function encodedBytes(settings: AdvertSettings): number {
  const { family, authentication, signed } = settings;
  const headers = (family === "inet" ? IPV4_HEADER_BYTES : 0) + (authentication?.type === "AH" ? AH_BYTES : 0);
  return headers + messageBytes(settings) + (signed ? TRAILER_BYTES : 0);
}

function messageBytes({ family, version, addresses }: AdvertSettings): number {
  return VRRP_HEADER_BYTES + addresses.length * addressBytes(family) + (version === 2 ? PASSWORD_BYTES : 0);
}

/**
 * Writes an advert: over IPv4 with its IP header (for IP_HDRINCL), over IPv6 from the VRRP header on. To be done when the
 * instance starts and when its settings change; what changes between adverts has functions of its own below.
 * Throws PacketError.
 */
export function encodeAdvert(buffer: Buffer, start: number, settings: AdvertSettings, priority: number): EncodedAdvert {
  const end = start + encodedBytes(settings);
  refuseImpossible(settings, buffer.length - end);
  buffer.fill(0, start, end);
  const { family, authentication, signed } = settings;
  const authenticated = authentication?.type === "AH";
  const payload = family === "inet" ? start + IPV4_HEADER_BYTES : start;
  const message = payload + (authenticated ? AH_BYTES : 0);
  const messageEnd = message + messageBytes(settings);
  if (family === "inet") {
    const protocol = authenticated ? PROTOCOL_AH : PROTOCOL_VRRP;
    writeIpv4Header(buffer, start, { ...settings, protocol, totalLength: end - start });
  }
  const sourceOctets = octetsOf(settings, settings.source);
  const encoded: EncodedAdvert = {
    ...{ buffer, start, message, messageEnd, end, settings, sourceOctets },
    authenticationHeader: authenticated ? payload : null,
    trailer: signed ? messageEnd : null,
    pseudoHeaderSum: coveredPseudoHeader(settings, sourceOctets, (family === "inet" ? messageEnd : end) - message),
  };
  writeMessage(encoded, priority);
  return encoded;
}

/** Gives an encoded advert another priority. */
export function writePriority(encoded: EncodedAdvert, priority: number): void {
  encoded.buffer[encoded.message + PRIORITY] = priority;
  writeChecksum(encoded);
}

/**
 * Signs the copies of one advert to several destinations: to be done before each is sent. They are equal but for headers and
 * checksums, so one signature serves all.
 */
export function signAdverts(
  copies: readonly EncodedAdvert[],
  key: HmacKey,
  sequence: Parameters<typeof writeTrailer>[3],
): void {
  let first: SignedBytes | null = null;
  for (const copy of copies) {
    if (copy.trailer === null) continue;
    if (first === null) {
      first = { buffer: copy.buffer, message: copy.message, trailer: copy.trailer, end: copy.end };
      writeTrailer(first, copy.sourceOctets, key, sequence);
    } else {
      first.buffer.copy(copy.buffer, copy.trailer, first.trailer, first.end);
    }
    // Over IPv6 the checksum covers the trailer.
    if (copy.settings.family === "inet6") writeChecksum(copy);
  }
}

/** Stamps an advert with its authentication header: to be done before each is sent. The identification must not be 0. */
export function stampAdvert(encoded: EncodedAdvert, sequence: number, identification: number): void {
  const { buffer, start, end, authenticationHeader, settings } = encoded;
  if (authenticationHeader === null || settings.authentication === null) return;
  writeIdentification(buffer, start, identification);
  writeAuthenticationHeader({ buffer, start, authenticationHeader, end }, settings.authentication.password, sequence);
}

function refuseImpossible({ version, advertMs, addresses }: AdvertSettings, bytesLeft: number): void {
  if (bytesLeft < 0) throw new PacketError("no-room", `the buffer is ${-bytesLeft} octets too short for the advert`);
  if (addresses.length > MAX_ADDRESSES) {
    throw new PacketError(
      "too-many-addresses",
      `${addresses.length} addresses, an advert has room for ${MAX_ADDRESSES}`,
    );
  }
  const interval = advertMs / (version === 2 ? 1000 : 10);
  if (!Number.isInteger(interval) || interval < 1 || interval > (version === 2 ? 0xff : 0xfff)) {
    throw new PacketError("advert-interval", `version ${version} cannot say an advert interval of ${advertMs} ms`);
  }
}

function writeMessage(encoded: EncodedAdvert, priority: number): void {
  const { buffer, message, messageEnd, settings } = encoded;
  const { family, version, virtualRouterId, advertMs, addresses, authentication } = settings;
  buffer[message] = (version << 4) | TYPE_ADVERTISEMENT;
  buffer[message + 1] = virtualRouterId;
  buffer[message + PRIORITY] = priority;
  buffer[message + 3] = addresses.length;
  if (version === 2) {
    buffer[message + 4] = authentication === null ? AUTH_NONE : authentication.type === "PASS" ? AUTH_PASS : AUTH_AH;
    buffer[message + 5] = advertMs / 1000;
  } else {
    buffer.writeUInt16BE(advertMs / 10, message + 4);
  }
  let offset = message + VRRP_HEADER_BYTES;
  for (const address of addresses) offset = writeAddress(buffer, offset, family, address);
  if (authentication?.type === "PASS") buffer.set(authentication.password, messageEnd - PASSWORD_BYTES);
  writeChecksum(encoded);
}

function writeChecksum({ buffer, message, messageEnd, end, settings, pseudoHeaderSum }: EncodedAdvert): void {
  buffer.writeUInt16BE(0, message + CHECKSUM);
  const covered = settings.family === "inet" ? messageEnd : end;
  buffer.writeUInt16BE(checksumOf(pseudoHeaderSum + sumOf(buffer, message, covered)), message + CHECKSUM);
}

function coveredPseudoHeader(settings: AdvertSettings, source: Uint8Array, length: number): number {
  const { family, version, destination, checksum } = settings;
  if (version === 2 || (family === "inet" && checksum === "message")) return 0;
  const named = family === "inet" && checksum === "old-unicast" ? GROUP_INET : destination;
  return pseudoHeaderSum(source, octetsOf(settings, named), PROTOCOL_VRRP, length);
}

function octetsOf({ family }: AdvertSettings, address: string): Uint8Array {
  const octets = family === (address.includes(":") ? "inet6" : "inet") ? parseAddress(address) : null;
  if (octets === null) throw new PacketError("address", `"${address}" is no ${family} address`);
  return octets.subarray(0, addressBytes(family));
}
