import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rampedWeight } from "./slow-start.ts";

/** The weights of a whole ramp with the moments at which each begins. */
function ramp(weight: number, slowStartMs: number): [atMs: number, weight: number][] {
  const list: [number, number][] = [];
  for (let atMs: number | null = 0; atMs !== null; ) {
    const step = rampedWeight(weight, slowStartMs, 1_000_000, 1_000_000 + atMs);
    list.push([atMs, step.weight]);
    atMs = step.nextEpochMs === null ? null : step.nextEpochMs - 1_000_000;
  }
  return list;
}

describe("rampedWeight", () => {
  test("rises in equal steps from the recovery on", () => {
    expect(ramp(100, 60_000).map(([, weight]) => weight)).toEqual([9, 18, 27, 36, 45, 55, 64, 73, 82, 91, 100]);
    expect(
      ramp(100, 60_000)
        .map(([atMs]) => atMs)
        .slice(0, 3),
    ).toEqual([0, 6000, 12_000]);
  });

  test("small weights need fewer writes, 1 and 0 none", () => {
    expect(ramp(2, 10_000)).toEqual([
      [0, 1],
      [8000, 2],
    ]);
    expect(ramp(1, 10_000)).toEqual([[0, 1]]);
    expect(ramp(0, 10_000)).toEqual([[0, 0]]);
  });

  test("none without a recovery or without slow_start, nor with a clock that was set back", () => {
    for (const [slowStartMs, recovered] of [
      [60_000, null],
      [0, 1_000_000],
      [60_000, 1_000_001],
    ] as const) {
      expect(rampedWeight(50, slowStartMs, recovered, 1_000_000)).toEqual({ weight: 50, nextEpochMs: null });
    }
  });

  test("never falls, never leaves 1 to the weight, ends in time, in 11 weights at most", () => {
    const weights = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 3_600_000 }), (weight, slowStartMs) => {
        const list = ramp(weight, slowStartMs);
        expect(list.length).toBeLessThanOrEqual(11);
        expect(list.at(-1)?.[1]).toBe(weight);
        expect(list.at(-1)?.[0]).toBeLessThanOrEqual(slowStartMs);
        for (const [index, [, each]] of list.entries()) {
          expect(each).toBeGreaterThanOrEqual(Math.max(1, list[index - 1]?.[1] ?? 0));
        }
      }),
    );
  });
});
