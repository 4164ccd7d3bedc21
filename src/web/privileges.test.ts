import { expect, test } from "vitest";
import { effectiveCapabilities } from "./privileges.ts";

test("capabilities are read from what the kernel says", () => {
  expect(effectiveCapabilities("CapPrm:\tffff\nCapEff:\t0000000000001020\nCapBnd:\tffff\n")).toBe(0x1020n);
  expect(effectiveCapabilities("Name:\tnode\n")).toBe(0n);
});
