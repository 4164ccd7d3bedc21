import { NetlinkError } from "../errors.ts";
import type { Memory } from "./memory.ts";

/** How one attribute's payload is written and read. `T` is its value in TypeScript. */
export interface AttributeType<T> {
  /** The layout in words, for documentation and errors. */
  readonly layout: string;
  /** NLA_F_NESTED for attributes that hold attributes, else 0. */
  readonly flags: number;
  /** Writes at `offset` (aligned) and answers the payload's length in octets. */
  write(memory: Memory, offset: number, value: T): number;
  /** Reads `length` octets at `offset` (aligned). Throws NetlinkError `malformed`. */
  read(memory: Memory, offset: number, length: number): T;
}

function fixed<T>(
  layout: string,
  bytes: number,
  write: (memory: Memory, offset: number, value: T) => void,
  read: (memory: Memory, offset: number) => T,
): AttributeType<T> {
  return {
    layout,
    flags: 0,
    write(memory, offset, value) {
      write(memory, offset, value);
      return bytes;
    },
    read(memory, offset, length) {
      if (length < bytes) throw new NetlinkError("malformed", `${layout} attribute of ${length} octets`);
      return read(memory, offset);
    },
  };
}

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
const lowWord = littleEndian ? 0 : 4;
const highWord = littleEndian ? 4 : 0;

export const u8 = fixed<number>(
  "u8",
  1,
  (memory, offset, value) => {
    memory.u8[offset] = value;
  },
  (memory, offset) => memory.u8[offset] as number,
);

export const u16 = fixed<number>(
  "u16",
  2,
  (memory, offset, value) => memory.setU16(offset, value),
  (memory, offset) => memory.getU16(offset),
);

export const u32 = fixed<number>(
  "u32",
  4,
  (memory, offset, value) => memory.setU32(offset, value),
  (memory, offset) => memory.getU32(offset),
);

export const s32 = fixed<number>(
  "s32",
  4,
  (memory, offset, value) => memory.setI32(offset, value),
  (memory, offset) => memory.getI32(offset),
);

/** A counter. Exact up to 2^53, like every JavaScript number. */
export const u64 = fixed<number>(
  "u64",
  8,
  (memory, offset, value) => {
    memory.setU32(offset + lowWord, value % 0x1_0000_0000);
    memory.setU32(offset + highWord, Math.floor(value / 0x1_0000_0000));
  },
  (memory, offset) => memory.getU32(offset + highWord) * 0x1_0000_0000 + memory.getU32(offset + lowWord),
);

export const be16 = fixed<number>(
  "be16",
  2,
  (memory, offset, value) => {
    memory.u8[offset] = value >> 8;
    memory.u8[offset + 1] = value & 0xff;
  },
  (memory, offset) => ((memory.u8[offset] as number) << 8) | (memory.u8[offset + 1] as number),
);

/** Octets of a fixed length, e.g. an address. Reading copies: the receive buffer is used again. */
export function octets(bytes: number): AttributeType<Uint8Array> {
  return fixed<Uint8Array>(
    `${bytes} octets`,
    bytes,
    (memory, offset, value) => memory.u8.set(value, offset),
    (memory, offset) => memory.u8.slice(offset, offset + bytes),
  );
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A string with its terminating zero. Reading stops at the first zero or at the end. */
export const cstring: AttributeType<string> = {
  layout: "string",
  flags: 0,
  write(memory, offset, value) {
    const text = encoder.encode(value);
    memory.u8.set(text, offset);
    memory.u8[offset + text.length] = 0;
    return text.length + 1;
  },
  read(memory, offset, length) {
    const zero = memory.u8.subarray(offset, offset + length).indexOf(0);
    return decoder.decode(memory.u8.subarray(offset, offset + (zero < 0 ? length : zero)));
  },
};
