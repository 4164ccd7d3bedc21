import { expect, test } from "vitest";
import { handoverMs, masterDownMs, skewMs } from "./timing.ts";

// RFC 9568 section 6.1, and what keepalived takes: 3609 ms at 1 s, 360.9 at 100 ms, 36.1 at 10 ms, all with priority 100.
test.each([
  [2, 100, 1000, 3609.375],
  [3, 100, 1000, 3609.375],
  [3, 100, 100, 360.9375],
  [3, 100, 10, 36.09375],
  [2, 254, 1000, 3007.8125],
  [3, 1, 1000, 3996.09375],
  // Skew in version 2 is a part of a second, whatever the interval (RFC 3768 section 6.1).
  [2, 100, 10_000, 30_609.375],
  [3, 100, 10_000, 36_093.75],
] as const)("version %i, priority %i, %i ms: %d ms", (version, priority, advertMs, ms) =>
  expect(masterDownMs({ version, downTimerAdverts: 3 }, priority, advertMs)).toBe(ms),
);

test("down_timer_adverts counts intervals, not skew", () =>
  expect(masterDownMs({ version: 3, downTimerAdverts: 10 }, 100, 100)).toBe(1060.9375));

test("a handover waits for the slowest successor", () => {
  for (const version of [2, 3] as const) {
    for (const advertMs of [1000, 4000]) {
      expect(handoverMs({ version, advertMs })).toBeGreaterThan(skewMs(version, 1, advertMs));
    }
  }
});
