import { expect, test } from "vitest";
import { shareOf, tally } from "./tally.ts";

const records = [
  { startedMs: 0, server: "a", error: null },
  { startedMs: 10, server: null, error: "ECONNREFUSED" },
  { startedMs: 20, server: "b", error: null },
  { startedMs: 20, server: null, error: "deadline" },
  { startedMs: 30, server: "b", error: null },
];

test("counts the requests started within the time, by server and by error", () => {
  expect(tally(records, 0)).toEqual({ requests: 5, errors: 2, firstError: "ECONNREFUSED", byServer: { a: 1, b: 2 } });
  expect(tally(records, 10, 30)).toEqual({ requests: 3, errors: 2, firstError: "ECONNREFUSED", byServer: { b: 1 } });
  expect(tally(records, 31)).toEqual({ requests: 0, errors: 0, firstError: null, byServer: {} });
});

test("shares are of the answered requests", () => {
  expect(shareOf("b", tally(records, 0))).toBeCloseTo(2 / 3);
  expect(shareOf("c", tally(records, 0))).toBe(0);
  expect(shareOf("a", tally([], 0))).toBe(0);
});
