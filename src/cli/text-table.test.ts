import { expect, test } from "vitest";
import { textTable } from "./text-table.ts";

test("columns line up, numbers to the right, without trailing blanks", () => {
  const rows = [
    ["REAL SERVER", "WEIGHT", "STATE"],
    ["10.0.0.1:80", "1", "up"],
    ["[2001:db8::1]:80", "100", ""],
  ];
  expect(textTable(rows, [1])).toEqual([
    "REAL SERVER       WEIGHT  STATE",
    "10.0.0.1:80            1  up",
    "[2001:db8::1]:80     100",
  ]);
});

test("colour codes take no room", () => {
  const [, second] = textTable([
    ["state", "x"],
    ["\u001b[32mup\u001b[0m", "y"],
  ]);
  expect(second).toBe("\u001b[32mup\u001b[0m     y");
});
