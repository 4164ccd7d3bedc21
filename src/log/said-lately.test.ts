import { expect, test } from "vitest";
import { SaidLately } from "./said-lately.ts";

test("each thing once in a while, and no more things than that in the same time", () => {
  const said = new SaidLately(100, 2);
  expect([said.isDue("a", 0), said.isDue("a", 99), said.isDue("b", 99), said.isDue("a", 100)]).toEqual([
    true,
    false,
    true,
    true,
  ]);
  // A third waits until there is room.
  expect([said.isDue("c", 101), said.isDue("c", 198), said.isDue("c", 199)]).toEqual([false, false, true]);
  expect([said.isDue("a", 199), said.isDue("b", 199), said.isDue("b", 200)]).toEqual([false, false, true]);
});
