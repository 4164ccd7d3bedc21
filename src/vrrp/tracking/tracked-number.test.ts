import { describe, expect, test } from "vitest";
import { trackedNumber } from "./tracked-number.ts";

describe("the number in a tracked file", () => {
  // As keepalived 2.2.7 reads them.
  test.each([
    ["5\n", 5],
    ["", 0],
    ["abc\n", 0],
    ["7x\n", 7],
    [" -300", -300],
    ["+4 and more", 4],
    ["-0", 0],
    ["99999999999", 2 ** 31 - 1],
    ["-99999999999", -(2 ** 31)],
  ])("%j is %i", (text, number) => expect(trackedNumber(text)).toBe(number));
});
