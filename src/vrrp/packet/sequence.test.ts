import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aheadOfClockMs, isAfter, nextSequence, type Sequence, sequenceOfClock } from "./sequence.ts";

const words = () =>
  fc.oneof(fc.nat({ max: 0xffff_ffff }), fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff));
const sequences = (): fc.Arbitrary<Sequence> => fc.record({ high: words(), low: words() });
const asBigInt = ({ high, low }: Sequence) => (BigInt(high) << 32n) | BigInt(low);
const rules = { antiReplay: "time", timeWindowMs: 5000 } as const;
const epochMs = 1_795_214_385_971.784;

test("the order is that of RFC 1982 with 64 bits", () => {
  fc.assert(
    fc.property(sequences(), sequences(), (a, b) => {
      const difference = BigInt.asUintN(64, asBigInt(a) - asBigInt(b));
      // Half the circle apart has no order there; then neither is after the other, or only by our word.
      fc.pre(difference !== 1n << 63n);
      expect(isAfter(a, b)).toBe(difference > 0n && difference < 1n << 63n);
    }),
    { numRuns: 1000 },
  );
});

test("half the circle apart: not after, so that a receiver refuses", () => {
  expect(isAfter({ high: 0x8000_0000, low: 5 }, { high: 0, low: 5 })).toBe(false);
});

test("the clock as keepalived writes it", () => {
  expect(sequenceOfClock(epochMs)).toEqual({ high: 0x6b00cc31, low: 0xf8c60000 });
});

describe("the next sequence", () => {
  test("is the clock when there was none, and when the clock has moved on", () => {
    expect(nextSequence(null, epochMs, rules)).toEqual(sequenceOfClock(epochMs));
    expect(nextSequence(sequenceOfClock(epochMs - 10), epochMs, rules)).toEqual(sequenceOfClock(epochMs));
  });

  test("is one more when the clock stands still or was set back by less than the window", () => {
    const { high, low } = sequenceOfClock(epochMs);
    expect(nextSequence({ high, low }, epochMs, rules)).toEqual({ high, low: low + 1 });
    expect(nextSequence({ high, low }, epochMs - 4900, rules)).toEqual({ high, low: low + 1 });
    expect(nextSequence({ high, low: 0xffff_ffff }, epochMs, rules)).toEqual({ high: high + 1, low: 0 });
  });

  test("starts anew from a clock that was set back further with time, goes on with monotonic", () => {
    const previous = sequenceOfClock(epochMs);
    expect(nextSequence(previous, epochMs - 6000, rules)).toEqual(sequenceOfClock(epochMs - 6000));
    const onwards = nextSequence(previous, epochMs - 6000, { ...rules, antiReplay: "monotonic" });
    expect(onwards).toEqual({ high: previous.high, low: previous.low + 1 });
  });

  test("rises whatever the clock does, but for what is behind the window", () => {
    const clocks = fc.array(fc.integer({ min: -4000, max: 4000 }), { maxLength: 50 });
    fc.assert(
      fc.property(clocks, fc.constantFrom("time" as const, "monotonic" as const), (steps, antiReplay) => {
        let previous: Sequence | null = null;
        let clockMs = epochMs;
        let latestMs = epochMs;
        for (const step of steps) {
          clockMs = Math.max(clockMs + step, latestMs - 4000);
          latestMs = Math.max(latestMs, clockMs);
          const next = nextSequence(previous, clockMs, { antiReplay, timeWindowMs: 5000 });
          if (previous !== null) expect(isAfter(next, previous)).toBe(true);
          expect(aheadOfClockMs(next, clockMs)).toBeLessThan(5000);
          previous = next;
        }
      }),
    );
  });

  test("crosses the end of the seconds", () => {
    const end = 0xffff_ffff * 1000 + 999;
    const last = sequenceOfClock(end);
    const first = sequenceOfClock(end + 1);
    expect(first).toEqual({ high: 0, low: 0 });
    expect(isAfter(first, last)).toBe(true);
    expect(aheadOfClockMs(first, end)).toBeCloseTo(1, 0);
  });
});
