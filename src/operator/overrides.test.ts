import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AdminState } from "../director/facts.ts";
import {
  adminStateAt,
  effectiveOverrides,
  expired,
  nextAfter,
  nextExpiry,
  type OperatorOverride,
  type OverrideSetting,
  overridesAt,
  uncovered,
  withOverride,
  withoutAdminState,
  withoutWeight,
} from "./overrides.ts";
import { modelOf } from "./testing/model-of.ts";

const [a, b] = ["10.0.0.1:80", "10.0.0.2:80"];
const model = modelOf({ web: [a, b], api: [a] });

function said(virtualServer: string | null, realServer: string, setting: OverrideSetting): OperatorOverride {
  return { virtualServer, realServer, setting, setBy: "root", setAtEpochMs: 0, expiresAtEpochMs: null };
}
const is = (virtualServer: string | null, realServer: string, adminState: AdminState) =>
  said(virtualServer, realServer, { kind: "admin_state", adminState });
const weighs = (virtualServer: string | null, realServer: string, weight: number) =>
  said(virtualServer, realServer, { kind: "weight", weight });

const atEpochMs = ({ expiresAtEpochMs }: OperatorOverride) => expiresAtEpochMs;
const saying = (overrides: readonly OperatorOverride[], next: OperatorOverride) =>
  withOverride(overrides, next, atEpochMs);
const effect = (overrides: readonly OperatorOverride[]) => Object.fromEntries(effectiveOverrides(overrides, model));

describe("what counts", () => {
  test("everywhere, or in one virtual server", () => {
    expect(effect([is(null, a, "drained")])).toEqual({
      [`web ${a}`]: { adminState: "drained", weight: null },
      [`api ${a}`]: { adminState: "drained", weight: null },
    });
    expect(effect([is("api", a, "disabled"), weighs(null, a, 5)])).toEqual({
      [`web ${a}`]: { adminState: null, weight: 5 },
      [`api ${a}`]: { adminState: "disabled", weight: 5 },
    });
  });

  test("the later word about everywhere replaces those about each place", () => {
    expect(saying([is("web", a, "disabled"), weighs("web", a, 2)], is(null, a, "drained"))).toEqual([
      weighs("web", a, 2),
      is(null, a, "drained"),
    ]);
  });

  test("what is drained everywhere can be taken back in one place", () => {
    const overrides = withoutAdminState([is(null, a, "drained")], "drained", is("api", a, "enabled"));
    expect(effect(overrides)).toEqual({
      [`web ${a}`]: { adminState: "drained", weight: null },
      [`api ${a}`]: { adminState: "enabled", weight: null },
    });
    expect(withoutAdminState(overrides, "drained", is(null, a, "enabled"))).toEqual([]);
    // An exception of what is over is none.
    const forAWhile = { ...is(null, a, "drained"), expiresAtEpochMs: 50 };
    expect(expired([forAWhile, is("api", a, "enabled")], 50, atEpochMs).left).toEqual([]);
  });

  test("for a while, then what was said before it, unless that has ended, too", () => {
    const until = (expiresAtEpochMs: number, override: OperatorOverride) => ({ ...override, expiresAtEpochMs });
    const drained = is(null, a, "drained");
    const overrides = [until(50, weighs("web", a, 2)), until(60, is(null, a, "disabled"))].reduce(saying, [
      drained,
      until(90, weighs("web", a, 7)),
    ]);
    expect(uncovered(overrides)).toEqual(overrides.slice(2));
    expect(overridesAt(overrides, { virtualServer: "web", realServer: a })).toEqual(overrides.slice(2).reverse());
    const [, , weight] = overrides as [OperatorOverride, OperatorOverride, OperatorOverride];
    expect(nextAfter(overrides, weight, weight)).toEqual(until(90, weighs("web", a, 7)));
    expect(expired(overrides, 60, atEpochMs).left).toEqual([drained, until(90, weighs("web", a, 7))]);
    // Said again for longer: nothing of it remains for later.
    expect(saying(overrides, until(70, is(null, a, "disabled"))).filter((each) => atEpochMs(each) === 60)).toEqual([]);
    // Of those that it goes before, those that end sooner do not return.
    expect(saying(overrides, until(95, weighs(null, a, 1))).map(atEpochMs)).toEqual([null, 60, 95]);
  });

  test("what is drained stays so when somebody else is done with it earlier than he said", () => {
    const overrides = saying([is(null, a, "drained")], { ...is(null, a, "disabled"), expiresAtEpochMs: 50 });
    expect(withoutAdminState(overrides, "disabled", is(null, a, "enabled"))).toEqual([is(null, a, "drained")]);
    const inOne = withoutAdminState(overrides, "disabled", is("web", a, "enabled"));
    const web = { virtualServer: "web", realServer: a };
    expect(adminStateAt(inOne, web)).toBe("drained");
    expect(adminStateAt(inOne, { ...web, virtualServer: "api" })).toBe("disabled");
    expect(adminStateAt(expired(inOne, 50, atEpochMs).left, web)).toBe("drained");
    expect(withoutAdminState(expired(inOne, 50, atEpochMs).left, "drained", is(null, a, "enabled"))).toEqual([]);
  });

  test("a real server that a configuration no longer has is remembered, and harms nobody", () => {
    expect(effect([is("gone", a, "drained"), is(null, "10.9.9.9:80", "drained")])).toEqual({});
  });

  test("what ends", () => {
    const ends = (expiresAtEpochMs: number) => ({ ...is(null, a, "drained"), expiresAtEpochMs });
    expect(nextExpiry([is(null, b, "drained")], atEpochMs)).toBeNull();
    expect(nextExpiry([ends(70), ends(50), is(null, b, "drained")], atEpochMs)).toBe(50);
    expect(expired([ends(50), ends(51)], 50, atEpochMs)).toEqual({ left: [ends(51)], ended: [ends(50)] });
  });
});

const anyOverride = fc
  .record({
    virtualServer: fc.constantFrom(null, "web", "api"),
    realServer: fc.constantFrom(a, b),
    setting: fc.oneof(
      fc.record({
        kind: fc.constant("admin_state" as const),
        adminState: fc.constantFrom("drained" as const, "disabled" as const),
      }),
      fc.record({ kind: fc.constant("weight" as const), weight: fc.nat(9) }),
    ),
    forMs: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 9 })),
    afterMs: fc.nat(4),
  })
  .map(({ virtualServer, realServer, setting, forMs, afterMs }) => ({
    override: said(virtualServer, realServer, setting),
    forMs,
    afterMs,
  }));

const places = model.virtualServers.flatMap(({ name, realServers }) =>
  realServers.map(({ destination }) => ({
    virtualServer: name,
    realServer: `${destination.address}:${destination.port}`,
  })),
);

type Word = typeof anyOverride extends fc.Arbitrary<infer T> ? T : never;

/** Says one after the other, at its time; what ends meanwhile is dropped then. Returns the time as well. */
function saidInTurn(words: readonly Word[]) {
  let nowMs = 0;
  let overrides: readonly OperatorOverride[] = [];
  const all: OperatorOverride[] = [];
  for (const { override, forMs, afterMs } of words) {
    nowMs += afterMs;
    const next = { ...override, expiresAtEpochMs: forMs === null ? null : nowMs + forMs };
    overrides = saying(expired(overrides, nowMs, atEpochMs).left, next);
    all.push(next);
  }
  return { nowMs, overrides, all };
}

test("at any time, what counts is the last word about a place that has not ended", () => {
  fc.assert(
    fc.property(fc.array(anyOverride, { maxLength: 12 }), (words) => {
      const { nowMs, overrides, all } = saidInTurn(words);
      for (let laterMs = nowMs; laterMs < nowMs + 10; laterMs++) {
        const now = effect(expired(overrides, laterMs, atEpochMs).left);
        for (const { virtualServer, realServer } of places) {
          const about = all.filter(
            (each) =>
              each.realServer === realServer &&
              (each.virtualServer ?? virtualServer) === virtualServer &&
              (each.expiresAtEpochMs ?? Number.POSITIVE_INFINITY) > laterMs,
          );
          const last = (kind: string) => about.findLast(({ setting }) => setting.kind === kind)?.setting;
          const [state, weight] = [last("admin_state"), last("weight")];
          expect(now[`${virtualServer} ${realServer}`] ?? { adminState: null, weight: null }).toEqual({
            adminState: state?.kind === "admin_state" ? state.adminState : null,
            weight: weight?.kind === "weight" ? weight.weight : null,
          });
        }
      }
    }),
  );
});

test("what is taken back is over in its place, and nothing else is", () => {
  const anyPlace = anyOverride.map(({ override }) => override);
  fc.assert(
    fc.property(fc.array(anyOverride, { maxLength: 12 }), anyPlace, (words, { virtualServer, realServer, setting }) => {
      const { overrides } = saidInTurn(words);
      const exception = is(virtualServer, realServer, "enabled");
      const left =
        setting.kind === "weight"
          ? withoutWeight(overrides, exception)
          : withoutAdminState(overrides, setting.adminState as "drained" | "disabled", exception);
      const weightAt = (list: readonly OperatorOverride[], place: (typeof places)[number]) =>
        effect(list)[`${place.virtualServer} ${place.realServer}`]?.weight ?? null;
      for (const place of places) {
        const isConcerned = place.realServer === realServer && [null, place.virtualServer].includes(virtualServer);
        const isOver =
          isConcerned && setting.kind === "admin_state" && adminStateAt(overrides, place) === setting.adminState;
        if (isOver) expect(adminStateAt(left, place)).not.toBe(adminStateAt(overrides, place));
        else expect(adminStateAt(left, place)).toBe(adminStateAt(overrides, place));
        if (!isConcerned || setting.kind !== "weight") expect(weightAt(left, place)).toBe(weightAt(overrides, place));
        else if (virtualServer === null) expect(weightAt(left, place)).toBeNull();
      }
    }),
  );
});
