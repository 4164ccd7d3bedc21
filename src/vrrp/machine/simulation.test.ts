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

const settings = {
  ...({
    version: 2,
    basePriority: 50,
    advertMs: 1000,
    downTimerAdverts: 3,
    preempt: "on_failure",
    preemptDelayMs: 0,
  } as const),
  ...{ lowerPrioNoAdvert: false, higherPrioSendAdvert: false, ownerIgnoreAdverts: false, timerExpiredBackup: null },
} satisfies NodePlan["settings"];
const node: NodePlan = { startsAt: 0, startupDelayMs: 0, settings };
const still = { seed: 0, authentication: "none", networks: 1 } as const;

test("found once (seed 2124304200): who had resigned was master again while its successor's first advert was on its way", () => {
  const world = new World({
    ...{ ...still, network: { loss: 0, duplication: 0, delay: 0.5 } },
    nodes: [node, { ...node, settings: { ...settings, lowerPrioNoAdvert: true } }],
    disturbances: [{ at: 7, kind: "failover", node: 3 }],
  });
  expect(world.run()).toEqual([]);
});

test("found once (seed 71001): killed as its better one took over, a master that comes back gives way to it", () => {
  const world = new World({
    ...{ ...still, network: { loss: 0, duplication: 0, delay: 0 } },
    nodes: [node, { ...node, settings: { ...settings, basePriority: 51 } }],
    disturbances: [
      { at: 2.5, kind: "weight", node: 0, weight: 1, lasts: 8.5 },
      {
        ...{ at: 0, kind: "fault", node: 1, network: 0, lasts: 0.25 },
        fault: { kind: "interface_down", interface: "eth0" },
      },
      { at: 14, kind: "kill", node: 0, lasts: 1.75 },
    ],
  });
  expect(world.run()).toEqual([]);
  expect(world.changes.at(-1)?.change).toMatchObject({ to: "backup", because: { kind: "superior" } });
});

test("found once (seed 71002): a preempt delay that a reload brought while the better one was about to take over", () => {
  const quick = { ...settings, version: 3, preempt: "always", advertMs: 250 } satisfies NodePlan["settings"];
  const better = (preemptDelayMs: number) => ({ basePriority: 2, preempt: "always", preemptDelayMs }) as const;
  const world = new World({
    ...{ ...still, network: { loss: 0, duplication: 0, delay: 0 } },
    nodes: [1, 1].map((basePriority) => ({ ...node, settings: { ...quick, basePriority } })),
    disturbances: [
      { at: 2.5, kind: "reload", node: 1, settings: { ...better(0), advertMs: 100 } },
      { at: 4, kind: "reload", node: 1, settings: { ...better(500), advertMs: 100 } },
    ],
  });
  expect(world.run()).toEqual([]);
});

test("found once (seed 72001): frozen for one interval, a backup missed two adverts that came late", () => {
  const of = (basePriority: number, startsAt: number, startupDelayMs = 0): NodePlan => ({
    ...{ startsAt, startupDelayMs },
    settings: { ...settings, version: 3, advertMs: 100, basePriority, higherPrioSendAdvert: basePriority <= 100 },
  });
  const world = new World({
    ...{ seed: 8, authentication: "none", networks: 1, network: { loss: 0.02, duplication: 0, delay: 0.5 } },
    nodes: [of(1, 1.75), of(100, 0.25), of(129, 0), of(149, 0, 700)],
    disturbances: [
      { at: 3.25, kind: "partition", network: 0, sides: [0, 1, 2], lasts: 11.25 },
      { at: 25.25, kind: "stall", node: 7, lasts: 1, frozen: true },
    ],
  });
  expect(world.run()).toEqual([]);
});

test("found once (seed 72003): the first thing that a router hears is the resignation of one that is not the master", () => {
  const of = (basePriority: number, startsAt: number): NodePlan => ({
    ...{ startsAt, startupDelayMs: 0 },
    settings: { ...settings, basePriority, preempt: "always" },
  });
  const reloaded = { preemptDelayMs: 0, advertMs: 100 } as const;
  const world = new World({
    ...{ ...still, network: { loss: 0, duplication: 0, delay: 0.5 } },
    nodes: [of(1, 1.75), { ...of(1, 1.25), startupDelayMs: 700 }, of(50, 2.25)],
    disturbances: [
      { at: 25.25, kind: "move", node: 0, virtualRouterId: 52, lasts: 10.5 },
      { at: 37, kind: "kill", node: 4, lasts: 10 },
      { at: 28, kind: "weight", node: 4, weight: -31, lasts: 0.75 },
      { at: 39.5, kind: "stall", node: 2, lasts: 8, frozen: false },
      { at: 0, kind: "reload", node: 1, settings: { ...reloaded, basePriority: 81, preempt: "on_failure" } },
      { at: 1.75, kind: "reload", node: 0, settings: { ...reloaded, basePriority: 50, preempt: "always" } },
      { at: 22.75, kind: "deaf", node: 2, lasts: 4.5 },
    ],
  });
  expect(world.run()).toEqual([]);
});

test.each([true, false])(
  "two masters stand still together (frozen: %s): they do not both answer for a whole handover",
  (frozen) => {
    const of = (basePriority: number): NodePlan => ({
      ...{ startsAt: 0, startupDelayMs: 0 },
      settings: { ...settings, version: 3, preempt: "always", basePriority },
    });
    const world = new World({
      ...{ ...still, network: { loss: 0, duplication: 0, delay: 0.01 } },
      nodes: [of(150), of(100)],
      disturbances: [
        { at: 20, kind: "stall", node: 0, lasts: 12, frozen: true },
        { at: 25, kind: "stall", node: 1, lasts: 7, frozen },
      ],
    });
    expect(world.run()).toEqual([]);
  },
);

test.each([
  [
    72101,
    { seed: 813689176, delay: 0.5 },
    [
      { startsAt: 0.25, settings: { basePriority: 65 } },
      { startsAt: 0.5, settings: { basePriority: 1 } },
      { startupDelayMs: 700, settings: { basePriority: 130, preempt: "never" } },
    ],
    { version: 3, advertMs: 100, downTimerAdverts: 2, preempt: "always" },
    [
      { at: 7, kind: "failover", node: 0 },
      { at: 9.5, kind: "failover", node: 1 },
    ],
  ],
  [
    72102,
    { seed: 0, delay: 1.9 },
    [{}, { settings: { basePriority: 1 } }],
    {},
    [{ at: 27.25, kind: "failover", node: 0 }],
  ],
] as const)(
  "found once (seed %i): who takes a resignation that came late at its word displaces nobody",
  (_, { seed, delay }, nodes, all, disturbances) => {
    const world = new World({
      ...{ ...still, seed, network: { loss: 0, duplication: 0, delay }, disturbances },
      nodes: nodes.map((each) => ({
        ...node,
        ...each,
        settings: { ...settings, ...all, ...("settings" in each ? each.settings : {}) },
      })),
    });
    expect(world.run()).toEqual([]);
  },
);

test("found once (seed 72104): an owner in a sync group displaces, whatever nopreempt says", () => {
  const of = (basePriority: number, startupDelayMs: number): NodePlan => ({
    ...{ ...node, startupDelayMs },
    settings: { ...settings, version: 3, basePriority, advertMs: 100, downTimerAdverts: 2, preempt: "never" },
  });
  const world = new World({
    ...{ ...still, networks: 2, network: { loss: 0, duplication: 0, delay: 0.01 } },
    nodes: [of(255, 700), of(1, 0), of(50, 0)],
    disturbances: [{ at: 0, kind: "shrink", node: 0, lasts: 1 }],
  });
  expect(world.run()).toEqual([]);
});

test("found once (seed 72104): a master's recovery is on its way when a backup acts on its failure", () => {
  const of = (basePriority: number, startsAt: number): NodePlan => ({
    ...{ ...node, startsAt },
    settings: { ...settings, version: 3, basePriority, advertMs: 100, downTimerAdverts: 5, preempt: "never" },
  });
  const world = new World({
    ...{ ...still, network: { loss: 0, duplication: 0, delay: 1.9 } },
    nodes: [of(1, 1), of(2, 0)],
    disturbances: [
      { at: 18.25, kind: "stall", node: 0, lasts: 5, frozen: false },
      { at: 18.75, kind: "weight", node: 7, weight: -1, lasts: 9.25 },
      {
        ...{ at: 0, kind: "reload", node: 0 },
        settings: { basePriority: 2, preempt: "on_failure", preemptDelayMs: 0, advertMs: 100 },
      },
    ],
  });
  expect(world.run()).toEqual([]);
});
