import { hash } from "node:crypto";

/** A key to sign and verify adverts with; never printed. */
export interface HmacKey {
  readonly id: number;
  /** The key, padded and combined as RFC 2104 section 2 wants it before the message, and before the inner digest. */
  readonly innerPad: Buffer;
  readonly outerPad: Buffer;
}

export const MIN_KEY_BYTES = 32;
export const MAX_KEY_BYTES = 64;

/** What is wrong with a key. */
export type HmacKeyProblem = "length" | "hex";

/** Where the octets of a configured key are. */
export type HmacKeySource =
  | { readonly octets: Buffer }
  | { readonly file: string }
  | { readonly problem: HmacKeyProblem };

/** Reads a key as configured: `hex:` and digits, `file:` and a path (whose contents go to `hmacKeyOfFile`), or the text itself. */
export function parseHmacKey(text: string): HmacKeySource {
  return text.startsWith("file:") ? { file: text.slice("file:".length) } : keyOctets(Buffer.from(text));
}

/** Reads the contents of a key file: the key as it would be in the configuration, or its octets. A last line end is no part of it. */
export function parseHmacKeyFile(contents: Buffer): { readonly octets: Buffer } | { readonly problem: HmacKeyProblem } {
  // Octets of full length are taken as they are: the last of them may happen to be a line end.
  if (contents.length === MAX_KEY_BYTES && !contents.toString("latin1").startsWith("hex:")) return { octets: contents };
  const lineEnd = contents.at(-1) !== 0x0a ? 0 : contents.at(-2) === 0x0d ? 2 : 1;
  return keyOctets(contents.subarray(0, contents.length - lineEnd));
}

function keyOctets(written: Buffer): { readonly octets: Buffer } | { readonly problem: HmacKeyProblem } {
  const text = written.toString("latin1");
  const isHex = text.startsWith("hex:");
  if (isHex && !/^hex:(?:[0-9a-f]{2})*$/i.test(text)) return { problem: "hex" };
  const octets = isHex ? Buffer.from(text.slice("hex:".length), "hex") : written;
  const fits = octets.length >= MIN_KEY_BYTES && octets.length <= MAX_KEY_BYTES;
  return fits ? { octets } : { problem: "length" };
}

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

/** Prepares a key of 32 to 64 octets. */
export function prepareHmacKey(id: number, octets: Uint8Array): HmacKey {
  const innerPad = Buffer.alloc(BLOCK_BYTES, 0x36);
  const outerPad = Buffer.alloc(BLOCK_BYTES, 0x5c);
  for (const [at, octet] of octets.entries()) {
    innerPad[at] = 0x36 ^ octet;
    outerPad[at] = 0x5c ^ octet;
  }
  return { id, innerPad, outerPad };
}

const outerInput = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

/** Where the input of `hmacSha256` begins in its buffer: the pad goes before it. */
export const HMAC_INPUT_OFFSET = BLOCK_BYTES;

/**
 * HMAC-SHA-256 (RFC 2104) over what lies from HMAC_INPUT_OFFSET to `end` of `input`, as a string of 32 latin1 characters.
 * Two one-shot digests take a quarter of the time of node:crypto's Hmac object, which a busy router makes thousands of a second.
 */
export function hmacSha256(key: HmacKey, input: Buffer, end: number): string {
  key.innerPad.copy(input);
  key.outerPad.copy(outerInput);
  outerInput.write(hash("sha256", input.subarray(0, end), "binary"), BLOCK_BYTES, "latin1");
  return hash("sha256", outerInput, "binary");
}
