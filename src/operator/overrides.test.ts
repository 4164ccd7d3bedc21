import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AdminState } from "../director/facts.ts";
import {
  effectiveOverrides,
  expired,
  nextExpiry,
  type OperatorOverride,
  type OverrideSetting,
  withOverride,
  withoutOverride,
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
    expect(withOverride([is("web", a, "disabled"), weighs("web", a, 2)], is(null, a, "drained"))).toEqual([
      weighs("web", a, 2),
      is(null, a, "drained"),
    ]);
  });

  test("what is drained everywhere can be taken back in one place", () => {
    const overrides = withoutOverride([is(null, a, "drained")], is("api", a, "enabled"));
    expect(effect(overrides)).toEqual({
      [`web ${a}`]: { adminState: "drained", weight: null },
      [`api ${a}`]: { adminState: "enabled", weight: null },
    });
    expect(withoutOverride(overrides, is(null, a, "enabled"))).toEqual([]);
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
        adminState: fc.constantFrom<AdminState>("drained", "disabled"),
      }),
      fc.record({ kind: fc.constant("weight" as const), weight: fc.nat(9) }),
    ),
  })
  .map(({ virtualServer, realServer, setting }) => said(virtualServer, realServer, setting));

test("whatever was said before, the last word counts where it was said, and only there", () => {
  fc.assert(
    fc.property(fc.array(anyOverride, { maxLength: 12 }), anyOverride, (before, last) => {
      const overrides = before.reduce(withOverride, [] as OperatorOverride[]);
      const [was, now] = [effect(overrides), effect(withOverride(overrides, last))];
      for (const { name, realServers } of model.virtualServers) {
        for (const { destination } of realServers) {
          const key = `${name} ${destination.address}:${destination.port}`;
          const concerned =
            key.endsWith(` ${last.realServer}`) && (last.virtualServer === null || last.virtualServer === name);
          const expected = { ...(was[key] ?? { adminState: null, weight: null }) };
          if (concerned && last.setting.kind === "weight") expected.weight = last.setting.weight;
          if (concerned && last.setting.kind === "admin_state") expected.adminState = last.setting.adminState;
          expect(now[key] ?? { adminState: null, weight: null }).toEqual(expected);
        }
      }
      const undone = withoutOverride(withOverride(overrides, last), { ...last, virtualServer: null });
      const left = undone.filter((e) => e.realServer === last.realServer && e.setting.kind === last.setting.kind);
      expect(left).toEqual([]);
    }),
  );
});
