import { expect, test } from "vitest";
import { formatDuration } from "./duration.ts";

test.each([
  [0, "0 ms"],
  [999, "999 ms"],
  [1000, "1 s"],
  [3500, "3.5 s"],
  [10_000, "10s"],
  [41_000, "41s"],
  [65_000, "1m 5s"],
  [60_000, "1m"],
  [3_600_000, "1h"],
  [3_605_000, "1h"],
  [3 * 86_400_000 + 4 * 3_600_000 + 59_000, "3d 4h"],
])("%d ms is %s", (ms, text) => expect(formatDuration(ms)).toBe(text));
