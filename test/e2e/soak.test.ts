import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { median } from "../bench/statistics.ts";
import { Soak } from "./soak.ts";

// Ten minutes of it: soak.long.test.ts
describe.skipIf(!canMakeNamespaces)("10,000 real servers, half of them failing in turn", () => {
  const delayLoopS = 10;
  let soak: Soak;

  beforeAll(async () => {
    soak = new Soak({ realServers: 10_000, delayLoopS, steps: 12, stepMs: 2000 });
    await soak.begin();
  }, 180_000);
  afterAll(() => soak.end(), 60_000);

  test("the table is right, no interval is missed, descriptors and memory do not grow", {
    timeout: 180_000,
  }, async () => {
    const { checks, worstGapMs, worstWaitMs, wrong, rssMiB } = await soak.run();
    expect(wrong).toEqual([]);
    expect(checks).toBeGreaterThan(5000);
    expect(worstGapMs).toBeLessThan(2 * delayLoopS * 1000 + worstWaitMs);
    const [early, late] = [median(rssMiB.slice(3, 8)), median(rssMiB.slice(-5))];
    expect(late).toBeLessThan(1.5 * early + 64);
  });
});
