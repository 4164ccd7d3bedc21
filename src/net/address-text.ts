import { type AddressFamily, formatAddress } from "ipvs-netlink";

/** Octets of an address on the wire. */
export function addressBytes(family: AddressFamily): 4 | 16 {
  return family === "inet" ? 4 : 16;
}

// Adverts name the same few addresses thousands of times a second: their texts are kept, one per slot, the last one asked for.
const SLOTS = 2048;
const WORDS = 4;

interface Texts {
  readonly keys: Uint32Array;
  readonly texts: (string | undefined)[];
}

function noTexts(): Texts {
  return { keys: new Uint32Array(SLOTS * WORDS), texts: new Array<string | undefined>(SLOTS).fill(undefined) };
}

const kept: Readonly<Record<AddressFamily, Texts>> = { inet: noTexts(), inet6: noTexts() };

/** Canonical text of the address at `offset`, which must lie within the octets. */
export function addressText(octets: Uint8Array, offset: number, family: AddressFamily): string {
  const { keys, texts } = kept[family];
  const inet6 = family === "inet6";
  const first = wordAt(octets, offset);
  const second = inet6 ? wordAt(octets, offset + 4) : 0;
  const third = inet6 ? wordAt(octets, offset + 8) : 0;
  const fourth = inet6 ? wordAt(octets, offset + 12) : 0;
  const slot = (Math.imul(first ^ (second << 1) ^ (third << 2) ^ (fourth << 3), 0x9e3779b1) >>> 16) & (SLOTS - 1);
  const text = texts[slot];
  const at = slot * WORDS;
  if (
    text !== undefined &&
    keys[at] === first &&
    keys[at + 1] === second &&
    keys[at + 2] === third &&
    keys[at + 3] === fourth
  ) {
    return text;
  }
  const formatted = formatAddress(family, octets.subarray(offset, offset + addressBytes(family)));
  texts[slot] = formatted;
  keys[at] = first;
  keys[at + 1] = second;
  keys[at + 2] = third;
  keys[at + 3] = fourth;
  return formatted;
}

function wordAt(octets: Uint8Array, at: number): number {
  return (
    (((octets[at] as number) << 24) |
      ((octets[at + 1] as number) << 16) |
      ((octets[at + 2] as number) << 8) |
      (octets[at + 3] as number)) >>>
    0
  );
}
