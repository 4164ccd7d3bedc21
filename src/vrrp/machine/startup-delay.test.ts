import { expect, test } from "vitest";
import { startupDelayMs } from "./startup-delay.ts";

test.each([
  [0, 0, 5, 1000, 0],
  [5500, 0, 500, 1000, 5000],
  [0, 60_000, 500, 20_000, 40_000],
  [5000, 60_000, 1000, 58_000, 4000],
  [5000, 60_000, 9000, 90_000, 0],
])("startup_delay %i, delay_after_boot %i, %i ms old on a machine of %i ms: %i", (start, boot, age, uptime, left) =>
  expect(startupDelayMs({ startupDelayMs: start, delayAfterBootMs: boot }, age, uptime)).toBe(left),
);
