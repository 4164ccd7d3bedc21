import { expect, test } from "vitest";
import { SaidLately } from "./said-lately.ts";

test("each thing once in a while, and no more memory than that", () => {
  const said = new SaidLately(100, 2);
  expect([said.isDue("a", 0), said.isDue("a", 99), said.isDue("b", 99), said.isDue("a", 100)]).toEqual([
    true,
    false,
    true,
    true,
  ]);
  // A third pushes the oldest out, which is then said again.
  expect([said.isDue("c", 101), said.isDue("a", 102), said.isDue("b", 103)]).toEqual([true, false, true]);
});
