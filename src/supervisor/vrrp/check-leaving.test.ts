import { expect, test } from "vitest";
import { checkLeaving } from "./check-leaving.ts";

test.each([
  [null, "there is no vrrp_instance VI_1"],
  ["backup", "VI_1 is not master here, it is backup"],
  ["fault", "VI_1 is not master here, it is in fault"],
  ["master", "VI_1 has priority 255"],
] as const)("a failover that leaves it %s is refused", (phase, message) => {
  expect(() => checkLeaving("VI_1", phase)).toThrow(message);
});

test("a master that leaves is what was asked for", () => {
  expect(() => checkLeaving("VI_1", "leaving")).not.toThrow();
});
