import { expect, test } from "vitest";
import { parseMemory } from "./meter.ts";

test("parseMemory", () => {
  expect(parseMemory("63078 87040 lbctl: supervisor \n41164 65126 lbctl: checker\n")).toEqual([
    { title: "lbctl: supervisor", pssKiB: 63078, rssKiB: 87040 },
    { title: "lbctl: checker", pssKiB: 41164, rssKiB: 65126 },
  ]);
  expect(parseMemory("")).toEqual([]);
});
