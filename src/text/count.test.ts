import { expect, test } from "vitest";
import { countOf } from "./count.ts";

test("one is one, everything else is several", () => {
  expect([0, 1, 2, 11].map((amount) => countOf(amount, "real server"))).toEqual([
    "0 real servers",
    "1 real server",
    "2 real servers",
    "11 real servers",
  ]);
});
