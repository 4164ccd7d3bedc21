import { createHmac, timingSafeEqual } from "node:crypto";
import { PASSWORD_BYTES, PROTOCOL_VRRP } from "./constants.ts";
import { CHECKSUM, FRAGMENT, SOURCE } from "./ipv4-header.ts";

// Authentication header (RFC 2402 section 2) as RFC 2338 section 5.3.6.3 uses it: HMAC-MD5-96, transport mode
//   NEXT_HEADER u8 · LENGTH u8 (32-bit words less 2) · zero be16 · SPI be32 · SEQUENCE be32 · ICV 12 octets
export const AH_BYTES = 24;
const LENGTH_WORDS = AH_BYTES / 4 - 2;
const SPI = 4;
const SEQUENCE = 8;
const ICV = 12;
const ICV_BYTES = 12;

/** An IPv4 packet with an authentication header: where it begins, where that header is, where it ends. */
export interface AuthenticatedBytes {
  readonly buffer: Buffer;
  readonly start: number;
  readonly authenticationHeader: number;
  readonly end: number;
}

/** The eight octets that a password is on the wire and as a key: cut, or padded with zeros. */
export function passwordOctets(password: string): Buffer {
  const octets = Buffer.alloc(PASSWORD_BYTES);
  Buffer.from(password).copy(octets);
  return octets;
}

/** Whether the octets begin an authentication header of the only form that VRRP uses. */
export function isAuthenticationHeader(buffer: Buffer, offset: number): boolean {
  return (
    buffer[offset] === PROTOCOL_VRRP && buffer[offset + 1] === LENGTH_WORDS && buffer.readUInt16BE(offset + 2) === 0
  );
}

export function readAuthenticationSequence({ buffer, authenticationHeader }: AuthenticatedBytes): number {
  return buffer.readUInt32BE(authenticationHeader + SEQUENCE);
}

/**
 * The number of the next advert, after the highest that was seen or sent. Not below the clock's seconds: a router that starts
 * anew would otherwise begin at 1, and be refused until its peers have taken over.
 */
export function nextAuthenticationSequence(last: number, clockEpochMs: number): number {
  return Math.max(last + 1, Math.floor(clockEpochMs / 1000)) >>> 0;
}

/** Writes the header. The rest of the packet must be complete; the security parameter index is the source, as keepalived's. */
export function writeAuthenticationHeader(bytes: AuthenticatedBytes, password: Buffer, sequence: number): void {
  const { buffer, start, authenticationHeader: at } = bytes;
  buffer[at] = PROTOCOL_VRRP;
  buffer[at + 1] = LENGTH_WORDS;
  buffer.writeUInt16BE(0, at + 2);
  buffer.copy(buffer, at + SPI, start + SOURCE, start + SOURCE + 4);
  buffer.writeUInt32BE(sequence, at + SEQUENCE);
  integrityValue(bytes, password).copy(buffer, at + ICV, 0, ICV_BYTES);
}

export function verifyAuthenticationHeader(bytes: AuthenticatedBytes, password: Buffer): boolean {
  const icv = bytes.authenticationHeader + ICV;
  const wanted = integrityValue(bytes, password).subarray(0, ICV_BYTES);
  return timingSafeEqual(wanted, bytes.buffer.subarray(icv, icv + ICV_BYTES));
}

/**
 * HMAC-MD5 over the packet, with zeros for what changes on the way and for the ICV. keepalived counts the TTL among what does
 * not change (RFC 2402 section 3.3.3.1.1 does not), and so must we: it refuses anything else.
 */
function integrityValue({ buffer, start, authenticationHeader, end }: AuthenticatedBytes, password: Buffer): Buffer {
  const input = Buffer.from(buffer.subarray(start, end));
  input[1] = 0;
  input.fill(0, FRAGMENT, FRAGMENT + 2);
  input.fill(0, CHECKSUM, CHECKSUM + 2);
  const icv = authenticationHeader - start + ICV;
  input.fill(0, icv, icv + ICV_BYTES);
  return createHmac("md5", password).update(input).digest();
}
