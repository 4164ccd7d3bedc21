import { canMakeNamespaces } from "ipvs-netlink/testing";
import { expect, test } from "vitest";
import { killDuringUpgrades } from "./upgrade-kills.ts";

test.skipIf(!canMakeNamespaces)(
  "either program is killed during an upgrade: one director is left, which is master",
  async () => {
    const { done, refused } = await killDuringUpgrades(Number(process.env.LBCTL_SEED ?? 1), 3);
    expect(done + refused).toBe(3);
  },
);
