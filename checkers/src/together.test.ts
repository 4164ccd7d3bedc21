import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gridOf, togetherMs } from "./together.ts";

describe("togetherMs", () => {
  test.each([
    [0, 0],
    [149, 0],
    [150, 12.5],
    [1000, 50],
    [5000, 400],
    [6000, 400],
    [3_600_000, 400],
  ])("after a wait of %d ms the grid is %d ms", (waitMs, gridMs) => expect(gridOf(waitMs)).toBe(gridMs));

  const wait = fc.oneof(fc.nat(2000), fc.nat(100_000));
  const due = fc.double({ min: 0, max: 1e9, noNaN: true });

  test("never late, and at most a twelfth of the wait early", () => {
    fc.assert(
      fc.property(due, wait, (dueMs, waitMs) => {
        const earlyMs = dueMs - togetherMs(dueMs, waitMs);
        expect(earlyMs).toBeGreaterThanOrEqual(0);
        expect(earlyMs).toBeLessThanOrEqual(Math.min(400, waitMs / 12));
      }),
    );
  });

  test("a moment of a coarser grid is one of every finer grid", () => {
    fc.assert(
      fc.property(due, fc.integer({ min: 150, max: 10_000 }), fc.integer({ min: 150, max: 10_000 }), (dueMs, a, b) => {
        const [shorter, longer] = [Math.min(a, b), Math.max(a, b)];
        const moment = togetherMs(dueMs, longer);
        expect(togetherMs(moment, shorter)).toBe(moment);
      }),
    );
  });
});
