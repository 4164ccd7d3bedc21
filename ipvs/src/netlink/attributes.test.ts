import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NetlinkError } from "../errors.ts";
import { be16, cstring, octets, s32, u8, u16, u32, u64 } from "./attribute-types.ts";
import { attributes, nested } from "./attributes.ts";
import { Memory } from "./memory.ts";

const inner = attributes({ count: [1, u64], name: [2, cstring] });
const table = attributes({
  tiny: [1, u8],
  short: [2, u16],
  word: [3, u32],
  signed: [4, s32],
  port: [5, be16],
  address: [6, octets(6)],
  name: [7, cstring],
  inner: [8, nested(inner)],
});

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const name = fc.string({ maxLength: 15 }).filter((text) => !text.includes("\0"));
const values = fc.record({
  tiny: optional(fc.integer({ min: 0, max: 0xff })),
  short: optional(fc.integer({ min: 0, max: 0xffff })),
  word: optional(fc.integer({ min: 0, max: 0xffff_ffff })),
  signed: optional(fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff })),
  port: optional(fc.integer({ min: 0, max: 0xffff })),
  address: optional(fc.uint8Array({ minLength: 6, maxLength: 6 })),
  name: optional(name),
  inner: optional(fc.record({ count: optional(fc.maxSafeNat()), name: optional(name) })),
});

describe("an attribute table", () => {
  test("reads what it wrote", () => {
    fc.assert(
      fc.property(values, (given) => {
        const memory = Memory.ofSize(512);
        memory.u8.fill(0xa5);
        const end = table.encode(memory, 16, given);
        expect(end % 4).toBe(0);
        expect(table.decode(memory, 16, end)).toEqual(given);
      }),
    );
  });

  test("pads with zeros and sets the nested flag", () => {
    const memory = Memory.ofSize(32);
    memory.u8.fill(0xff);
    const end = table.encode(memory, 0, { port: 80, inner: { name: "a" } });
    const header = (length: number, type: number) => [...new Uint8Array(Uint16Array.of(length, type).buffer)];
    expect([...memory.u8.subarray(0, end)]).toEqual([
      ...[...header(6, 5), 0, 80, 0, 0],
      ...header(12, 8 | 0x8000),
      ...[...header(6, 2), 97, 0, 0, 0],
    ]);
  });

  test("skips what it does not know, takes the last of repeated ones, ignores the byte-order flag", () => {
    const memory = Memory.ofSize(64);
    const other = attributes({ unknown: [99, u32], word: [3, u32] });
    const again = other.encode(memory, other.encode(memory, 0, { unknown: 1, word: 2 }), { word: 3 });
    memory.setU16(again - 6, 3 | 0x4000);
    expect(table.decode(memory, 0, again).word).toBe(3);
  });

  test.each([
    ["a header longer than what is left", [12, 3, 0, 0]],
    ["a length below the header's", [3, 3, 0, 0]],
    ["a value shorter than its type", [6, 3, 1, 0]],
  ])("refuses %s", (_what, words) => {
    const memory = new Memory(new Uint8Array(Uint16Array.from(words).buffer));
    expect(() => table.decode(memory, 0, memory.size)).toThrow(expect.objectContaining({ code: "malformed" }));
  });

  test("refuses to write past its memory", () => {
    const memory = Memory.ofSize(16);
    expect(() => table.encode(memory, 8, { word: 1, signed: 2 })).toThrow(expect.objectContaining({ code: "invalid" }));
  });

  test("garbage gives values or a coded error, never anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        const memory = new Memory(Uint8Array.from(garbage));
        try {
          table.decode(memory, 0, memory.size);
        } catch (error) {
          expect(error).toBeInstanceOf(NetlinkError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test("64-bit counters keep every integer a number can hold", () => {
  const memory = Memory.ofSize(8);
  for (const count of [0, 1, 0xffff_ffff, 0x1_0000_0000, Number.MAX_SAFE_INTEGER]) {
    u64.write(memory, 0, count);
    expect(new BigUint64Array(memory.u8.buffer)[0]).toBe(BigInt(count));
    expect(u64.read(memory, 0, 8)).toBe(count);
  }
});
