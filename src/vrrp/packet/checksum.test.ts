import fc from "fast-check";
import { expect, test } from "vitest";
import { checksumOf, isUndamaged, sumOf } from "./checksum.ts";

/** RFC 1071 section 1, word for word: 16-bit additions with the carry added at once. */
function slowChecksum(octets: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < octets.length; at += 2) {
    sum += (octets[at] as number) * 256 + (octets[at + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}

test("the example of RFC 1071 section 3", () => {
  const octets = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  expect(checksumOf(sumOf(octets, 0, 8))).toBe(0xffff - 0xddf2);
});

test("is that of the slow way, wherever the octets lie and however many", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000, size: "max" }), fc.nat({ max: 3 }), (octets, offset) => {
      const buffer = new Uint8Array(octets.length + offset + 2).fill(0xee);
      buffer.set(octets, offset);
      const sum = sumOf(buffer, offset, offset + octets.length);
      expect(checksumOf(sum)).toBe(slowChecksum(octets));
      // With itself added a packet is undamaged; with anything else that is not the same number it is not.
      expect(isUndamaged(sum + checksumOf(sum))).toBe(true);
      expect(isUndamaged(sum + checksumOf(sum) + 1)).toBe(false);
    }),
  );
});
