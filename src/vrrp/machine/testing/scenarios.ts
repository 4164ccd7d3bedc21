import fc from "fast-check";
import { OWNER_PRIORITY } from "../settings.ts";
import type { Disturbance, NodePlan, Scenario } from "./scenario.ts";

const quarter = (max: number) => fc.integer({ min: 0, max: max * 4 }).map((number) => number / 4);
const node = fc.nat({ max: 9 });
const lasts = quarter(12);
/** Often equal ones. */
const priority = fc.oneof(fc.integer({ min: 1, max: 254 }), fc.constantFrom(50, 100));

/** Of version 3. Who has not heard a master, or has heard another last, must still be patient enough for one with a longer one. */
const intervals = (downTimerAdverts: number) => (downTimerAdverts < 3 ? [100] : [100, 100, 100, 250]);

const disturbances = (downTimerAdverts: number): fc.Arbitrary<Disturbance> =>
  fc
    .tuple(
      quarter(40),
      fc.oneof(
        fc.record({
          kind: fc.constant("partition" as const),
          network: fc.nat({ max: 1 }),
          sides: fc.array(fc.nat({ max: 2 }), { minLength: 2, maxLength: 10 }),
          lasts,
        }),
        fc.record({ kind: fc.constant("stall" as const), node, lasts, frozen: fc.boolean() }),
        fc.record({ kind: fc.constant("kill" as const), node, lasts }),
        fc.record({ kind: fc.constant("stop" as const), node, lasts }),
        fc.record({ kind: fc.constant("weight" as const), node, weight: fc.integer({ min: -300, max: 300 }), lasts }),
        fc.record({
          kind: fc.constant("fault" as const),
          node,
          network: fc.nat({ max: 1 }),
          fault: fc.constant({ kind: "interface_down" as const, interface: "eth0" }),
          lasts,
        }),
        fc.record({ kind: fc.constant("failover" as const), node }),
        fc.record({ kind: fc.constant("deaf" as const), node, lasts }),
        fc.record({ kind: fc.constant("move" as const), node, virtualRouterId: fc.constantFrom(52, 53), lasts }),
        fc.record({ kind: fc.constant("ungroup" as const), node, lasts }),
        fc.record({ kind: fc.constant("shrink" as const), node, lasts }),
        fc.record({
          kind: fc.constant("clock" as const),
          node,
          byMs: fc.oneof(fc.integer({ min: -10_000, max: 10_000 }), fc.constantFrom(-86_400_000, 86_400_000)),
          lasts,
        }),
        fc.record({
          kind: fc.constant("reload" as const),
          node,
          settings: fc.record({
            basePriority: priority,
            preempt: fc.constantFrom("always", "never", "on_failure" as const),
            preemptDelayMs: fc.constantFrom(0, 0, 500, 3000),
            advertMs: fc.constantFrom(...intervals(downTimerAdverts)),
          }),
        }),
      ),
    )
    .map(([at, one]) => ({ at, ...one }) as Disturbance);

const preempts = fc.constantFrom("always", "never", "on_failure", "mixed" as const);

/**
 * What all routers of a network have in common, if it is to be at rest: adverts may come so late, beyond an interval in another order
 * than they were sent in, and that must be within their patience.
 */
const patience = fc.oneof(
  ...[fc.constantFrom(0, 0.01, 0.5), fc.constantFrom(0, 0.01, 0.5)].map((delay) =>
    fc.record({ delay, downTimerAdverts: fc.constant(3) }),
  ),
  fc.record({ delay: fc.constant(0), downTimerAdverts: fc.constantFrom(1, 2, 10) }),
  fc.record({ delay: fc.constantFrom(0.01, 0.5), downTimerAdverts: fc.constantFrom(2, 5) }),
  fc.record({ delay: fc.constantFrom(1.2, 1.9), downTimerAdverts: fc.constantFrom(3, 5) }),
);

function plans(
  version: 2 | 3,
  preempt: "always" | "never" | "on_failure" | "mixed",
  downTimerAdverts: number,
): fc.Arbitrary<NodePlan> {
  return fc.record({
    startsAt: quarter(5),
    startupDelayMs: fc.constantFrom(0, 0, 0, 700),
    settings: fc.record({
      version: fc.constant(version),
      basePriority: priority,
      advertMs: version === 2 ? fc.constant(1000) : fc.constantFrom(...intervals(downTimerAdverts)),
      downTimerAdverts: fc.constant(downTimerAdverts),
      preempt: preempt === "mixed" ? fc.constantFrom("always", "never", "on_failure" as const) : fc.constant(preempt),
      preemptDelayMs: fc.constantFrom(0, 0, 500, 3000),
      lowerPrioNoAdvert: fc.boolean(),
      higherPrioSendAdvert: fc.boolean(),
      ownerIgnoreAdverts: fc.boolean(),
      timerExpiredBackup: fc.constantFrom(null, null, { bestPriority: null }, { bestPriority: 200 }),
    }),
  });
}

/** Runs of 2 to 10 routers, of which one may own the addresses: from the start on, and as its reloads say. */
export const scenarios: fc.Arbitrary<Scenario> = fc
  .tuple(fc.constantFrom(2 as const, 3 as const), preempts, patience)
  .chain(([version, preempt, { delay, downTimerAdverts }]) =>
    fc.record({
      seed: fc.nat(),
      authentication: fc.constantFrom(
        "none" as const,
        "none" as const,
        "ah" as const,
        "time" as const,
        "monotonic" as const,
      ),
      networks: fc.constantFrom(1 as const, 1 as const, 2 as const),
      network: fc.record({
        loss: fc.constantFrom(0, 0, 0.02, 0.2, 0.5),
        duplication: fc.constantFrom(0, 0.2),
        delay: fc.constant(delay),
      }),
      nodes: fc.array(plans(version, preempt, downTimerAdverts), { minLength: 2, maxLength: 10, size: "max" }),
      disturbances: fc.array(disturbances(downTimerAdverts), { maxLength: 12, size: "max" }),
      owner: fc.constantFrom(null, null, null, "at start" as const, "by reload" as const),
    }),
  )
  .map(({ owner, ...scenario }) => (owner === null ? scenario : withOwner(scenario, owner)));

/** The first node. */
function withOwner({ nodes, disturbances, ...scenario }: Scenario, since: "at start" | "by reload"): Scenario {
  const [first, ...others] = nodes as [NodePlan, ...NodePlan[]];
  const owner =
    since === "at start" ? { ...first, settings: { ...first.settings, basePriority: OWNER_PRIORITY } } : first;
  let isOwner = since === "at start";
  return {
    ...scenario,
    nodes: [owner, ...others],
    disturbances: disturbances.map((one) => {
      if (one.kind !== "reload" || one.node % nodes.length !== 0) return one;
      isOwner = !isOwner;
      return isOwner ? { ...one, settings: { ...one.settings, basePriority: OWNER_PRIORITY } } : one;
    }),
  };
}
