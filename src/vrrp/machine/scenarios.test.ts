import { expect, test } from "vitest";
import type { Authentication, Disturbance, NodePlan, Scenario } from "./testing/scenario.ts";
import { World } from "./testing/world.ts";

/** What users write about, as runs. Nodes are numbered as in the list; times in adverts of a second. */

function run(
  priorities: readonly number[],
  some: Partial<NodePlan["settings"]>,
  disturbances: Disturbance[],
  authentication: Authentication = "none",
): string[] {
  const plan = (basePriority: number): NodePlan => ({
    startsAt: 0,
    startupDelayMs: 0,
    settings: {
      version: 2,
      basePriority,
      advertMs: 1000,
      downTimerAdverts: 3,
      preempt: "always",
      preemptDelayMs: 0,
      lowerPrioNoAdvert: false,
      higherPrioSendAdvert: false,
      ownerIgnoreAdverts: false,
      timerExpiredBackup: null,
      ...some,
    },
  });
  const scenario: Scenario = {
    seed: 1,
    networks: 1,
    authentication,
    network: { loss: 0, duplication: 0, delay: 0.001 },
    nodes: priorities.map(plan),
    disturbances,
  };
  const world = new World(scenario);
  expect(world.run()).toEqual([]);
  const masters = world.changes.filter(({ change }) => change.to === "master");
  return masters.map(({ change }) => `${change.instance.split("/")[0]} ${change.because.kind}`);
}

const weight = (at: number, node: number, lasts: number): Disturbance => ({
  at,
  kind: "weight",
  node,
  weight: -30,
  lasts,
});

test("S1: the master dies, and takes its place back", () =>
  expect(run([100, 90], {}, [{ at: 10, kind: "kill", node: 0, lasts: 10 }])).toEqual([
    "0 no_master_heard",
    "1 master_silent",
    "0 preempts",
  ]));

test("S2: with preempt_delay it does so later", () => {
  const stopped: Disturbance[] = [{ at: 10, kind: "stop", node: 0, lasts: 10 }];
  expect(run([100, 80], { preemptDelayMs: 20_000 }, stopped)).toEqual([
    "0 no_master_heard",
    "1 master_resigned",
    "0 preempts",
  ]);
});

test("S4: a failed check moves the master, a recovered one brings it back", () =>
  expect(run([101, 100], {}, [weight(10, 0, 20)])).toEqual(["0 no_master_heard", "1 preempts", "0 preempts"]));

test("S5 with on_failure: a healthy backup takes over, and the old master does not take back", () =>
  expect(run([100, 95, 90], { preempt: "on_failure" }, [weight(10, 0, 20)])).toEqual([
    "0 no_master_heard",
    "1 saw_drop",
  ]));

test("S5 with on_failure: and then its successor fails", () =>
  expect(run([100, 95, 90], { preempt: "on_failure" }, [weight(10, 0, 20), weight(60, 1, 20)])).toEqual([
    "0 no_master_heard",
    "1 saw_drop",
    "0 saw_drop",
  ]));

test("S5 with nopreempt: a failed check moves nothing", () =>
  expect(run([100, 95, 90], { preempt: "never" }, [weight(10, 0, 20)])).toEqual(["0 no_master_heard"]));

test("a frozen master is no master when it wakes up", () => {
  const frozen: Disturbance[] = [{ at: 10, kind: "stall", node: 0, lasts: 6, frozen: true }];
  expect(run([100, 90], { preempt: "never" }, frozen)).toEqual(["0 no_master_heard", "1 master_silent"]);
  expect(run([100, 90], {}, frozen)).toEqual(["0 no_master_heard", "1 master_silent", "0 preempts"]);
});

test("a process that is back in time goes on, and nobody noticed", () =>
  expect(run([100, 90], {}, [{ at: 10, kind: "kill", node: 0, lasts: 1 }])).toEqual([
    "0 no_master_heard",
    "0 resumed",
  ]));

test("two halves of a network have a master each, and one when it is whole again", () =>
  expect(run([100, 90, 80], {}, [{ at: 10, kind: "partition", network: 0, sides: [0, 1, 1], lasts: 10 }])).toEqual([
    "0 no_master_heard",
    "1 master_silent",
  ]));

test("failover hands over, and the successor stays", () =>
  expect(run([100, 90], {}, [{ at: 10, kind: "failover", node: 0 }])).toEqual([
    "0 no_master_heard",
    "1 master_resigned",
  ]));

test("clocks that were a day ahead, and are right again, do not make two masters", () => {
  const ahead = [0, 1].map((node): Disturbance => ({ at: 10, kind: "clock", node, byMs: 86_400_000, lasts: 10 }));
  expect(run([100, 90], {}, ahead, "time")).toEqual(["0 no_master_heard"]);
});

test("two masters whose authentication headers have the same numbers in the same moment find each other", () =>
  expect(
    run([50, 50], {}, [{ at: 20, kind: "deaf", node: 1, lasts: 8 }], "ah").filter((each) => each.startsWith("1")),
  ).toHaveLength(1));

test("a reload that takes a master to another virtual router, and back, leaves one master in each", () =>
  expect(run([100, 90], {}, [{ at: 10, kind: "move", node: 0, virtualRouterId: 52, lasts: 10 }])).toEqual([
    "0 no_master_heard",
    "1 master_resigned",
    "0 no_master_heard",
    "0 preempts",
  ]));
