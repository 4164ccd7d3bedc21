import fc from "fast-check";
import { expect, test } from "vitest";
import { scenarios } from "./testing/scenarios.ts";
import { World } from "./testing/world.ts";

const numRuns = Number(process.env.LBCTL_SIMULATIONS ?? 20_000);

test("thousands of runs", { timeout: 3_600_000 }, () =>
  fc.assert(
    fc.property(scenarios, (scenario) => {
      expect(new World(scenario).run()).toEqual([]);
    }),
    { numRuns },
  ),
);
