import fc from "fast-check";
import { expect, test } from "vitest";
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
