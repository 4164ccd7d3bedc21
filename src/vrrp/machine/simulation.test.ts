import fc from "fast-check";
import { expect, test } from "vitest";
import type { NodePlan } from "./testing/scenario.ts";
import { scenarios } from "./testing/scenarios.ts";
import { World } from "./testing/world.ts";

/** 2 to 10 routers on networks that lose, repeat, delay and part. What must hold is in testing/world.ts. */

const numRuns = Number(process.env.LBCTL_SIMULATIONS ?? 300);

test("there is one master when the network is whole again, and nobody breaks its promise", { timeout: 3_600_000 }, () =>
  fc.assert(
    fc.property(scenarios, (scenario) => {
      expect(new World(scenario).run()).toEqual([]);
    }),
    { numRuns },
  ),
);

test("found once (seed 2124304200): who had resigned was master again while its successor's first advert was on its way", () => {
  const settings: NodePlan["settings"] = {
    ...({
      version: 2,
      basePriority: 50,
      advertMs: 1000,
      downTimerAdverts: 3,
      preempt: "on_failure",
      preemptDelayMs: 0,
    } as const),
    ...{ lowerPrioNoAdvert: false, higherPrioSendAdvert: false, ownerIgnoreAdverts: false, timerExpiredBackup: null },
  };
  const node = { startsAt: 0, startupDelayMs: 0, settings };
  const world = new World({
    ...({ seed: 0, authentication: "none", networks: 1, network: { loss: 0, duplication: 0, delay: 0.5 } } as const),
    nodes: [node, { ...node, settings: { ...settings, lowerPrioNoAdvert: true } }],
    disturbances: [{ at: 7, kind: "failover", node: 3 }],
  });
  expect(world.run()).toEqual([]);
});
