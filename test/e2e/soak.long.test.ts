import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { median } from "../bench/statistics.ts";
import { Soak } from "./soak.ts";

describe.skipIf(!canMakeNamespaces)("10,000 real servers, half of them failing in turn, for ten minutes", () => {
  const delayLoopS = 5;
  let soak: Soak;

  beforeAll(async () => {
    soak = new Soak({ realServers: 10_000, delayLoopS, steps: 300, stepMs: 2000, onStep: (text) => console.log(text) });
    await soak.begin();
  }, 240_000);
  afterAll(() => soak.end(), 120_000);

  test("the table is right, no interval is missed, nothing grows", { timeout: 1_500_000 }, async () => {
    const { checks, worstGapMs, worstWaitMs, wrong, rssMiB } = await soak.run();
    expect(wrong).toEqual([]);
    expect(checks).toBeGreaterThan(300_000);
    expect(worstGapMs).toBeLessThan(2 * delayLoopS * 1000 + worstWaitMs);
    // The sixth minute against the last one: where processors are scarce, checks that have ended pile up in the first minutes.
    const [early, late] = [median(rssMiB.slice(150, 180)), median(rssMiB.slice(-30))];
    expect(late).toBeLessThan(1.15 * early + 32);
  });
});
