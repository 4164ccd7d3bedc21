import fc from "fast-check";
import type { Disturbance, NodePlan, Scenario } from "./scenario.ts";

const quarter = (max: number) => fc.integer({ min: 0, max: max * 4 }).map((number) => number / 4);
const node = fc.nat({ max: 9 });
const lasts = quarter(12);
/** Often equal ones. */
const priority = fc.oneof(fc.integer({ min: 1, max: 254 }), fc.constantFrom(50, 100));

const disturbances: fc.Arbitrary<Disturbance> = fc
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
          advertMs: fc.constantFrom(100, 100, 250),
        }),
      }),
    ),
  )
  .map(([at, one]) => ({ at, ...one }) as Disturbance);

const preempts = fc.constantFrom("always", "never", "on_failure", "mixed" as const);

function plans(version: 2 | 3, preempt: "always" | "never" | "on_failure" | "mixed"): fc.Arbitrary<NodePlan> {
  return fc.record({
    startsAt: quarter(5),
    startupDelayMs: fc.constantFrom(0, 0, 0, 700),
    settings: fc.record({
      version: fc.constant(version),
      basePriority: priority,
      advertMs: version === 2 ? fc.constant(1000) : fc.constantFrom(100, 100, 100, 250),
      downTimerAdverts: fc.constant(3),
      preempt: preempt === "mixed" ? fc.constantFrom("always", "never", "on_failure" as const) : fc.constant(preempt),
      preemptDelayMs: fc.constantFrom(0, 0, 500, 3000),
      lowerPrioNoAdvert: fc.boolean(),
      higherPrioSendAdvert: fc.boolean(),
      ownerIgnoreAdverts: fc.constant(false),
      timerExpiredBackup: fc.constantFrom(null, null, { bestPriority: null }, { bestPriority: 200 }),
    }),
  });
}

/** Runs of 2 to 10 routers. */
export const scenarios: fc.Arbitrary<Scenario> = fc
  .tuple(fc.constantFrom(2 as const, 3 as const), preempts)
  .chain(([version, preempt]) =>
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
        delay: fc.constantFrom(0, 0.01, 0.5),
      }),
      nodes: fc.array(plans(version, preempt), { minLength: 2, maxLength: 10, size: "max" }),
      disturbances: fc.array(disturbances, { maxLength: 12, size: "max" }),
    }),
  );
