import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { PriorityRaiser, raisedPriority } from "./priority-raiser.ts";

const settings = { max: 3, minDelayUs: 1_000_000 };

describe("raisedPriority", () => {
  test.each([
    [null, 999_999, null],
    [null, 1_000_000, 1],
    [1, 1_500_000, 2],
    [2, 1_500_000, 3],
    [3, 9_000_000, null],
    // Configured above the limit: that is not for this to lower.
    [50, 9_000_000, null],
  ])("from %s, %i us late: %s", (current, lateUs, raised) => {
    expect(raisedPriority(current, lateUs, settings)).toBe(raised);
  });
});

describe("PriorityRaiser", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  let nowMs = 0;
  /** The timer that is due in 250 ms is heard so much later. */
  const wait = (lateMs: number) => {
    nowMs += 250 + lateMs;
    vi.advanceTimersByTime(250);
  };

  test("raises by one each time, up to the limit, and starts again from a new configuration", () => {
    const raised: number[] = [];
    const raiser = new PriorityRaiser(
      (priority) => raised.push(priority),
      () => nowMs,
    );
    raiser.configure(settings, null);
    for (let times = 0; times < 5; times++) wait(999);
    expect(raised).toEqual([]);
    for (let times = 0; times < 5; times++) wait(1_200);
    expect(raised).toEqual([1, 2, 3]);
    expect(raiser.priority).toBe(3);
    raiser.configure(settings, 2);
    expect(raiser.priority).toBe(null);
    wait(1_200);
    expect(raised).toEqual([1, 2, 3, 3]);
    raiser.configure(null, null);
    expect(vi.getTimerCount()).toBe(0);
  });
});
