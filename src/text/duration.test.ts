import { expect, test } from "vitest";
import { durationText } from "./duration.ts";

test.each([
  [0, "0 ms"],
  [850, "850 ms"],
  [1000, "1s"],
  [41_300, "41s"],
  [60_000, "1m"],
  [61_000, "1m 1s"],
  [3_600_000, "1h"],
  [3_661_000, "1h 1m"],
  [86_400_000 * 3 + 3_600_000 * 4 + 59_000, "3d 4h"],
])("%d ms is %s", (ms, text) => expect(durationText(ms)).toBe(text));
