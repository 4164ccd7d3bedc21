import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { growthExponent, median, ratio } from "./statistics.ts";

describe("median", () => {
  test.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
  ])("of %j is %d", (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  test("of nothing is an error", () => {
    expect(() => median([])).toThrow("no values");
  });

  test("leaves its argument as it is", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe("growthExponent", () => {
  test("finds the exponent of any power law", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1, max: 3, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (exponent, factor) => {
          const points = [1_000, 3_000, 10_000].map((size) => ({ size, cost: factor * size ** exponent }));
          expect(growthExponent(points)).toBeCloseTo(exponent, 6);
        },
      ),
    );
  });

  test("between two sizes is the logarithm of the ratio", () => {
    const points = [
      { size: 1_000, cost: 50 },
      { size: 10_000, cost: 840 },
    ];
    expect(growthExponent(points)).toBeCloseTo(Math.log10(16.8), 9);
  });

  test("needs two sizes with a cost", () => {
    expect(growthExponent([])).toBeNull();
    expect(growthExponent([{ size: 10, cost: 1 }])).toBeNull();
    expect(
      growthExponent([
        { size: 10, cost: 1 },
        { size: 10, cost: 2 },
      ]),
    ).toBeNull();
    expect(
      growthExponent([
        { size: 0, cost: 5 },
        { size: 10, cost: 1 },
        { size: 100, cost: 0 },
      ]),
    ).toBeNull();
  });
});

test("ratio", () => {
  expect(ratio(3, 4)).toBe(0.75);
  expect(ratio(3, 0)).toBeNull();
  expect(ratio(undefined, 4)).toBeNull();
  expect(ratio(3, undefined)).toBeNull();
});
