import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instance, lintDiagnosticsOf, lintsOf } from "./testing/lints-of.ts";

const ofWeights = (priority: number, weights: readonly number[], more = "") =>
  lintsOf(
    `vrrp_instance:\n${instance(`priority: ${priority}, track_interface: [${weights.map((weight, index) => `eth${index} weight ${weight}`).join(", ")}]${more}`)}`,
  );

describe("weights that change nothing", () => {
  test.each([
    [255, [-10], 0],
    [254, [10], 1],
    [1, [-10], 1],
    [254, [-10], 0],
    [253, [10], 0],
    [254, [10, -1], 0],
    [254, [10, 20], 2],
    [100, [0], 0],
  ])("priority %i, weights %j: %i are void", (priority, weights, count) => {
    expect(ofWeights(priority, weights)).toEqual(Array(count).fill("weight-without-effect 2"));
  });

  test("says so exactly where no combination of good and bad makes a difference", () => {
    const weight = fc.oneof(fc.constantFrom(-1, 1), fc.integer({ min: -253, max: 253 })).filter((each) => each !== 0);
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(1, 2, 253, 254), fc.integer({ min: 1, max: 254 })),
        fc.array(weight, { minLength: 1, maxLength: 4 }),
        (priority, weights) => {
          const said = lintDiagnosticsOf(
            `vrrp_instance:\n  - name: VI_1\n    interface: eth0\n    virtual_router_id: 51\n    priority: ${priority}\n    track_interface:\n${weights.map((each, index) => `      - eth${index} weight ${each}\n`).join("")}`,
          ).map(({ line }) => line - 7);
          expect(said).toEqual(
            weights.flatMap((_, index) => (changesSomething(priority, weights, index) ? [] : [index])),
          );
        },
      ),
    );
  });

  /** By trying everything: what the priority is with this one good and bad. */
  function changesSomething(priority: number, weights: readonly number[], index: number): boolean {
    const clamp = (value: number) => Math.min(254, Math.max(1, value));
    for (let others = 0; others < 2 ** weights.length; others++) {
      const sum = weights.reduce(
        (total, each, at) => total + (at !== index && (others >> at) & 1 ? each : 0),
        priority,
      );
      if (clamp(sum) !== clamp(sum + (weights[index] ?? 0))) return true;
    }
    return false;
  }
});

describe("weights in a sync group", () => {
  const group = (settings: string) =>
    lintsOf(
      `vrrp_sync_group: [{name: G, group: [VI_1]${settings}}]\nvrrp_instance:\n${instance("track_interface: [eth1 weight 5, eth2]")}${instance("track_interface: [eth1 weight 5]", "VI_2", 52)}`,
    );

  test("are void, unless the group says otherwise", () => {
    expect(group("")).toEqual(["weight-in-sync-group 3"]);
    expect(group(", sync_group_tracking_weight: true")).toEqual([]);
    expect(group(", global_tracking: true")).toEqual([]);
  });
});
