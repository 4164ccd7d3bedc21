import fc from "fast-check";
import { expect, test } from "vitest";
import { describeReason } from "../describe.ts";
import { judgeFile } from "./judge-file.ts";

const judged = (weight: number, reverse: boolean, value: number) => {
  const result = judgeFile({ weight, reverse }, value);
  return result.ok ? result.findings.weightAdds : describeReason(result.reason);
};

test.each<[number, boolean, number, number | string]>([
  [0, false, 0, 0],
  [0, false, 1, "the file says 1, wanted 0"],
  [0, false, -7, "the file says -7, wanted 0"],
  [0, true, 5, 0],
  [0, true, 0, "the file says 0, wanted another number"],
  [1, false, 12, 12],
  [-2, false, 12, -24],
  [2, true, 12, -24],
  [1, true, 0, 0],
  [1, false, -2_147_483_647, -2_147_483_647],
  [1, false, -2_147_483_648, "the file says -2147483648: its weight -2147483648 is below the limit"],
])("weight %d, reverse %s: the file says %d", (weight, reverse, value, wanted) =>
  expect(judged(weight, reverse, value)).toBe(wanted),
);

test("reverse is the weight with the other sign, and fails where that does", () => {
  const number = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const weight = fc.integer({ min: -2_147_483_647, max: 2_147_483_647 }).filter((each) => each !== 0);
  fc.assert(
    fc.property(number, weight, (value, each) => {
      expect(judged(each, true, value)).toBe(judged(-each, false, value));
    }),
  );
});
