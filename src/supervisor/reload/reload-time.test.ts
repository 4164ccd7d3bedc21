import { describe, expect, test } from "vitest";
import { reloadTime } from "./reload-time.ts";

/** A Saturday, in UTC. */
const now = Date.UTC(2026, 10, 21, 16, 30, 0);
const at = (...parts: Parameters<typeof Date.UTC>) => ({ kind: "at", epochMs: Date.UTC(...parts) });
const local = (year: number, month: number, ...rest: number[]) => ({
  kind: "at",
  epochMs: new Date(year, month, ...(rest as [number, number, number, number])).getTime(),
});

describe("reloadTime", () => {
  test.each([
    ["17:00:00Z", at(2026, 10, 21, 17, 0, 0)],
    ["16:30:00Z", at(2026, 10, 22, 16, 30, 0)],
    ["03:00:00Z", at(2026, 10, 22, 3, 0, 0)],
    ["26-12-31 23:59:59Z", at(2026, 11, 31, 23, 59, 59)],
    ["2027-01-01 00:00:00Z", at(2027, 0, 1)],
    ["2028-02-29 12:00:00", local(2028, 1, 29, 12, 0, 0)],
    ["17:00:00Z\nmore lines\n", at(2026, 10, 21, 17, 0, 0)],
  ])("%j", (text, time) => {
    expect(reloadTime(text, now)).toEqual(time);
  });

  test("a date that is over is past", () => {
    expect(reloadTime("2026-11-21 16:30:00Z", now)).toEqual({ kind: "past" });
    expect(reloadTime("01-01-01 00:00:00", now)).toEqual({ kind: "past" });
  });

  test.each([
    ...["", "now", "7:00:00", "17:00", " 17:00:00", "17:00:00 ", "17:00:00 Z", "24:00:00", "10:60:00", "10:00:60"],
    ...[
      "2026-13-01 00:00:00",
      "2027-02-29 00:00:00",
      "2026-11-22  10:00:00",
      "126-11-22 10:00:00",
      "26-00-10 10:00:00",
    ],
  ])("%j is no time", (text) => {
    expect(reloadTime(text, now)).toEqual({ kind: "invalid" });
  });

  test("local time is the next of the day, whatever the zone", () => {
    const time = reloadTime("12:34:56", now);
    if (time.kind !== "at") throw new Error(time.kind);
    expect(time.epochMs - now).toBeGreaterThan(0);
    expect(time.epochMs - now).toBeLessThanOrEqual(25 * 3_600_000);
    expect(new Date(time.epochMs).toTimeString()).toMatch(/^12:34:56/);
  });
});
