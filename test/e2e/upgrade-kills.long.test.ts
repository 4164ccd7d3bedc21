import { canMakeNamespaces } from "ipvs-netlink/testing";
import { expect, test } from "vitest";
import { killDuringUpgrades } from "./upgrade-kills.ts";

test.skipIf(!canMakeNamespaces)(
  "40 kills at random moments of upgrades",
  async () => {
    const seed = Number(process.env.LBCTL_SEED ?? Date.now() % 100_000);
    const counted = await killDuringUpgrades(seed, 40);
    console.log(`seed ${seed}: ${JSON.stringify(counted)}`);
    expect(counted.done + counted.refused).toBe(40);
  },
  1_800_000,
);
