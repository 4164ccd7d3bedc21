import fc from "fast-check";
import { expect, test } from "vitest";
import { prefixLengthOfNetmask } from "./netmask.ts";

/** Text of a 32-bit number as a dotted quad. */
const dotted = (bits: number) => [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");

test("every prefix length is the one of its netmask", () => {
  const netmask = (length: number) => dotted(length === 0 ? 0 : (-1 << (32 - length)) >>> 0);
  for (let length = 0; length <= 32; length++) expect(prefixLengthOfNetmask(netmask(length))).toBe(length);
});

test("ones behind a zero are no netmask", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (bits) => {
      const contiguous = /^1*0*$/.test(bits.toString(2).padStart(32, "0"));
      expect(prefixLengthOfNetmask(dotted(bits)) !== null).toBe(contiguous);
    }),
  );
  expect(prefixLengthOfNetmask("255.0.255.0")).toBeNull();
});
