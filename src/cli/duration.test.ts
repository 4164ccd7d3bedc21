import { expect, test } from "vitest";
import { parseDurationS } from "./duration.ts";

test.each<[string, number | null]>([
  ["90", 90],
  ["90s", 90],
  ["30m", 1800],
  ["2h", 7200],
  ["1d", 86_400],
  ["1h30m", 5400],
  ["0", null],
  ["0m", null],
  ["", null],
  ["-5m", null],
  ["5 m", null],
  ["1.5h", null],
  ["5w", null],
  ["9".repeat(30), null],
])("parseDurationS(%j) is %j", (text, seconds) => expect(parseDurationS(text)).toBe(seconds));
