import { expect, test } from "vitest";
import { afterRepair, atEase, repairIn } from "./repair-pace.ts";

test("the first repair is at once; against somebody who keeps on, each waits twice as long, up to 5 s", () => {
  let pace = atEase;
  let nowMs = 1_000;
  const waits: number[] = [];
  for (let round = 0; round < 10; round++) {
    const waitMs = repairIn(pace, nowMs);
    waits.push(waitMs);
    nowMs += waitMs;
    pace = afterRepair(pace, nowMs);
  }
  expect(waits).toEqual([0, 50, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  expect(repairIn(pace, nowMs + 10_001)).toBe(0);
  expect(afterRepair(pace, nowMs + 10_001).delayMs).toBe(50);
});
