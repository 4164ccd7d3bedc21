import fc from "fast-check";
import { expect, test } from "vitest";
import { arrivedAtMs } from "./arrival.ts";

test("an advert that waited 20 ms came 20 ms before it was read", () => {
  expect(arrivedAtMs(20_000, 1_025, 1_000, 1_025)).toBe(1_005);
});

test("without a time from the kernel it came now", () => {
  expect(arrivedAtMs(-1, 1_026, 1_000, 1_025)).toBe(1_025);
});

test("one that came while others were dealt with belongs to this wake-up", () => {
  expect(arrivedAtMs(100, 1_027, 1_000, 1_025)).toBe(1_025);
});

test("however the wall clock was set, it came between the last look and now", () => {
  const times = fc.tuple(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.nat(100_000), fc.nat(100_000));
  fc.assert(
    fc.property(times, fc.integer({ min: -1, max: 2 ** 31 - 1 }), ([lastLookMs, agoMs, laterMs], ageUs) => {
      const nowMs = lastLookMs + agoMs;
      const arrivedMs = arrivedAtMs(ageUs, nowMs + laterMs, lastLookMs, nowMs);
      expect(arrivedMs).toBeGreaterThanOrEqual(lastLookMs);
      expect(arrivedMs).toBeLessThanOrEqual(nowMs);
    }),
  );
});
