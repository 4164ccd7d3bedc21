import type { CheckState, Health } from "@lbctl/checkers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeEvent, describeStateReason } from "./describe-event.ts";
import { desired } from "./desired.ts";
import { type Facts, noFacts, type Override } from "./facts.ts";
import { healthOf, realServer, sorryServer, virtualServer } from "./testing/samples.ts";

// What an agent says, panic_threshold and slow_start, each of which gives a real server another weight than its own.

type Told = Health | (Partial<CheckState> & { readonly health: Health });

function factsOf(told: Readonly<Record<number, Told>>, overrides: Record<string, Override> = {}): Facts {
  const checks = Object.entries(told).map(([last, each]) => {
    const { key, state } = healthOf(Number(last), typeof each === "string" ? each : each.health);
    return [key, typeof each === "string" ? state : { ...state, ...each }] as const;
  });
  return { ...noFacts, checks: new Map(checks), overrides: new Map(Object.entries(overrides)) };
}

const weights = (result: ReturnType<typeof desired>) =>
  Object.fromEntries(result.entries[0]?.destinations.map(({ address, weight }) => [address.slice(7), weight]) ?? []);

const four = [1, 2, 3, 4].map((last) => realServer(last, { weight: 10 }));

describe("an agent", () => {
  const web = virtualServer({ realServers: four });
  const told = (told: Readonly<Record<number, Told>>, overrides = {}) =>
    desired(web, factsOf(told, overrides), null, 0);

  test("gives a share of the configured weight; one above nothing is never nothing", () => {
    const shares = { 1: 75, 2: 1, 3: 0, 4: 250 };
    const shared = Object.fromEntries(
      Object.entries(shares).map(([last, weightPercent]) => [last, { health: "up", weightPercent } as const]),
    );
    expect(weights(told(shared))).toEqual({ 1: 8, 2: 1, 3: 0, 4: 25 });
  });

  test("drains: weight 0, and out when it is down; maint: out", () => {
    const result = told({
      1: { health: "up", mode: "drain" },
      2: { health: "down", mode: "drain" },
      3: { health: "up", mode: "maint" },
    });
    expect(weights(result)).toEqual({ 1: 0, 4: 10 });
    expect(result.decision.realServers.map(({ state, reason }) => `${state}: ${describeStateReason(reason)}`)).toEqual([
      "drained: drained by its agent (TCP_CHECK)",
      "drained: drained by its agent (TCP_CHECK)",
      "disabled: disabled by its agent (TCP_CHECK)",
      "unknown: TCP_CHECK has no verdict yet, counts as up",
    ]);
    expect(result.decision.quorum.weightUp).toBe(10);
  });

  test("gives way to the operator", () => {
    const enabled = { "web 10.0.0.1:80": { adminState: "enabled", weight: null } };
    expect(weights(told({ 1: { health: "up", mode: "maint" } }, enabled))).toMatchObject({ 1: 10 });
  });

  test("and an operator's weight are two things: what it drains stays drained", () => {
    const weight = { "web 10.0.0.1:80": { adminState: null, weight: 5 } };
    const drained = told({ 1: { health: "up", mode: "drain" } }, weight);
    expect(weights(drained)).toMatchObject({ 1: 0 });
    expect(drained.decision.realServers[0]).toMatchObject({ state: "drained", weight: 5 });
    expect(weights(told({ 1: "up" }, weight))).toMatchObject({ 1: 5 });
  });
});

describe("panic_threshold", () => {
  const web = virtualServer({ realServers: four, panicThreshold: 50 });

  test("below it all of them take traffic, at it only those that are up", () => {
    const half = desired(web, factsOf({ 1: "down", 2: "down" }), null, 0);
    expect(weights(half)).toEqual({ 3: 10, 4: 10 });
    const less = desired(web, factsOf({ 1: "down", 2: "down", 3: "down" }), half.decision, 9000);
    expect(weights(less)).toEqual({ 1: 10, 2: 10, 3: 10, 4: 10 });
    expect(less.decision.panic).toEqual({ threshold: 50, up: 1, counted: 4, active: true, sinceEpochMs: 9000 });
    expect(less.decision.realServers.map(({ state }) => state)).toEqual(["down", "down", "down", "unknown"]);
    expect(less.decision.quorum).toMatchObject({ weightUp: 10, met: true });
    const back = desired(web, factsOf({ 1: "down", 2: "down" }), less.decision, 12_000);
    expect(weights(back)).toEqual({ 3: 10, 4: 10 });
    expect([...less.events, ...back.events].map(describeEvent).filter((line) => line.startsWith("panic"))).toEqual([
      "panic web off -> on after 9 s: 1 of 4 real servers up, threshold 50%: all of them take traffic",
      "panic web on -> off after 3 s: 2 of 4 real servers up, threshold 50%",
    ]);
  });

  test("with none up all of them still do, but a sorry server goes first", () => {
    const none = factsOf({ 1: "down", 2: "down", 3: "down", 4: "down" });
    expect(weights(desired(web, none, null, 0))).toEqual({ 1: 10, 2: 10, 3: 10, 4: 10 });
    const sorry = desired({ ...web, sorryServer: sorryServer(9) }, none, null, 0);
    expect(sorry.decision.panic?.active).toBe(false);
    expect(sorry.decision.sorryServer?.inService).toBe(true);
  });

  test("neither counts nor brings in what was taken out, and what waits for its first verdict with alpha", () => {
    const disabled = { "web 10.0.0.1:80": { adminState: "disabled", weight: null } } as const;
    const result = desired(web, factsOf({ 2: "down", 3: { health: "up", mode: "drain" } }, disabled), null, 0);
    expect(result.decision.panic).toMatchObject({ up: 1, counted: 2, active: false });
    const cautious = four.map((each) => ({ ...each, checks: each.checks.map((check) => ({ ...check, alpha: true })) }));
    const start = desired({ ...web, realServers: cautious }, factsOf({}), null, 0);
    expect(start.decision.panic).toMatchObject({ up: 0, counted: 0, active: false });
    expect(weights(start)).toEqual({});
  });
});

describe("slow_start", () => {
  const slow = four.map((each) => ({ ...each, slowStartMs: 10_000 }));
  const web = virtualServer({ realServers: slow });
  const recovered = (recoveredEpochMs: number) => ({ health: "up", recoveredEpochMs }) as const;

  test("a recovered real server gets its weight in steps; the quorum counts all of it at once", () => {
    const facts = factsOf({ 1: recovered(5000), 2: "up" });
    const start = desired(web, facts, null, 5000);
    expect(weights(start)).toEqual({ 1: 1, 2: 10, 3: 10, 4: 10 });
    expect(start.decision.quorum.weightUp).toBe(40);
    expect(start.nextChangeEpochMs).toBe(6000);
    expect(weights(desired(web, facts, start.decision, 10_500))).toMatchObject({ 1: 5 });
    const end = desired(web, facts, start.decision, 15_000);
    expect([weights(end)[1], end.nextChangeEpochMs]).toEqual([10, null]);
  });

  test("in a panic, and for what is down, there is none", () => {
    const panics = { ...web, panicThreshold: 100 };
    const facts = factsOf({ 1: recovered(5000), 2: { health: "down", recoveredEpochMs: 5000 } });
    expect(weights(desired(panics, facts, null, 5000))).toEqual({ 1: 10, 2: 10, 3: 10, 4: 10 });
    expect(desired(panics, facts, null, 5000).nextChangeEpochMs).toBeNull();
    expect(weights(desired(web, facts, null, 5000))).toEqual({ 1: 1, 3: 10, 4: 10 });
  });
});

test("whatever is told: no weight is negative, what is drained or disabled never carries any, and a panic spares nobody", () => {
  const health = fc.constantFrom<Health>("up", "down", "unknown");
  const told = fc.record(
    {
      health,
      weightPercent: fc.nat(300),
      weightAdds: fc.integer({ min: -30, max: 30 }),
      mode: fc.constantFrom("drain" as const, "maint" as const),
      recoveredEpochMs: fc.nat(20_000),
    },
    { requiredKeys: ["health"] },
  );
  fc.assert(
    fc.property(
      fc.array(told, { minLength: 4, maxLength: 4 }),
      fc.nat(100),
      fc.nat(20_000),
      (all, panicThreshold, now) => {
        const servers = four.map((each) => ({ ...each, slowStartMs: 10_000 }));
        const facts = factsOf(Object.fromEntries(all.map((each, index) => [index + 1, each as Told])));
        const { decision, nextChangeEpochMs } = desired(
          virtualServer({ realServers: servers, panicThreshold }),
          facts,
          null,
          now,
        );
        if (nextChangeEpochMs !== null) expect(nextChangeEpochMs).toBeGreaterThan(now);
        for (const { state, effectiveWeight, weight, inTable } of decision.realServers) {
          expect(effectiveWeight).toBeGreaterThanOrEqual(0);
          expect(effectiveWeight).toBeLessThanOrEqual(weight);
          if (state === "drained" || state === "disabled") expect(effectiveWeight).toBe(0);
          else if (decision.panic?.active) expect([inTable, effectiveWeight]).toEqual([true, weight]);
        }
      },
    ),
  );
});
