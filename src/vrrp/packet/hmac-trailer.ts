import { timingSafeEqual } from "node:crypto";
import { HMAC_INPUT_OFFSET, type HmacKey, hmacSha256 } from "./hmac-key.ts";
import type { Sequence } from "./sequence.ts";

// Trailer of a signed advert (keepalived 2.4.2), after the VRRP message
//   TYPE u8 (1: HMAC-SHA256-128) · KEY_ID u8 · zero be16 · SEQUENCE be64 · MAC 16 octets
export const TRAILER_BYTES = 28;
const TRAILER_TYPE = 1;
const KEY_ID = 1;
const RESERVED = 2;
const SEQUENCE = 4;
const MAC = 12;
const MAC_BYTES = 16;

// What is signed: {4 or 6, VRRP version, VRID, 0} · SOURCE 16 octets, padded with zeros · message and trailer, with the
// checksum and the MAC as zeros. So copies to several peers have the same MAC.
const CONTEXT_BYTES = 20;
const CHECKSUM = 6;

/** A signed advert in memory: its message from `message` to `trailer`, and the trailer to `end`. */
export interface SignedBytes {
  readonly buffer: Buffer;
  readonly message: number;
  readonly trailer: number;
  readonly end: number;
}

/** Whether there is a trailer of the kind we know. */
export function isTrailer(buffer: Buffer, trailer: number): boolean {
  return buffer[trailer] === TRAILER_TYPE && buffer.readUInt16BE(trailer + RESERVED) === 0;
}

export function readKeyId({ buffer, trailer }: SignedBytes): number {
  return buffer.readUInt8(trailer + KEY_ID);
}

export function readSequence({ buffer, trailer }: SignedBytes): Sequence {
  return { high: buffer.readUInt32BE(trailer + SEQUENCE), low: buffer.readUInt32BE(trailer + SEQUENCE + 4) };
}

/** Writes the trailer, signed for this source (4 or 16 octets). The message must be complete but for its checksum. */
export function writeTrailer(bytes: SignedBytes, source: Uint8Array, key: HmacKey, sequence: Sequence): void {
  const { buffer, trailer } = bytes;
  buffer[trailer] = TRAILER_TYPE;
  buffer[trailer + KEY_ID] = key.id;
  buffer.writeUInt16BE(0, trailer + RESERVED);
  buffer.writeUInt32BE(sequence.high, trailer + SEQUENCE);
  buffer.writeUInt32BE(sequence.low, trailer + SEQUENCE + 4);
  buffer.write(macOf(bytes, source, key), trailer + MAC, MAC_BYTES, "latin1");
}

const wanted = Buffer.alloc(MAC_BYTES);

/** Whether the trailer was made with this key, by this source (4 or 16 octets), of this message. */
export function verifyTrailer(bytes: SignedBytes, source: Uint8Array, key: HmacKey): boolean {
  wanted.write(macOf(bytes, source, key), 0, MAC_BYTES, "latin1");
  return timingSafeEqual(wanted, bytes.buffer.subarray(bytes.trailer + MAC, bytes.end));
}

// The largest message has 255 IPv6 addresses.
const input = Buffer.alloc(HMAC_INPUT_OFFSET + CONTEXT_BYTES + 8 + 255 * 16 + 8 + TRAILER_BYTES);

/** The whole digest; its first 16 octets are the MAC. */
function macOf({ buffer, message, end }: SignedBytes, source: Uint8Array, key: HmacKey): string {
  const context = HMAC_INPUT_OFFSET;
  const signed = context + CONTEXT_BYTES;
  const first = buffer[message] as number;
  input.fill(0, context, signed);
  input[context] = source.length === 4 ? 4 : 6;
  input[context + 1] = first >> 4;
  input[context + 2] = buffer[message + 1] as number;
  input.set(source, context + 4);
  buffer.copy(input, signed, message, end);
  const inputEnd = signed + (end - message);
  input.fill(0, signed + CHECKSUM, signed + CHECKSUM + 2);
  input.fill(0, inputEnd - MAC_BYTES, inputEnd);
  return hmacSha256(key, input, inputEnd);
}
