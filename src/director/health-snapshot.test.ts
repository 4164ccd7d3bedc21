import type { Health } from "@lbctl/checkers";
import { describe, expect, test } from "vitest";
import { desired } from "./desired.ts";
import { noFacts } from "./facts.ts";
import { checkStatesOf, parseHealthSnapshot, toSnapshot } from "./health-snapshot.ts";
import { checkState, destination, healthOf, virtualServer } from "./testing/samples.ts";

/** A virtual server whose first real server has this health, the second none yet. */
function decided(health: Health) {
  const web = virtualServer({ hysteresis: 1 });
  const { key, state } = healthOf(1, health);
  return {
    virtualServer: web,
    decision: desired(web, { ...noFacts, checks: new Map([[key, state]]) }, null, 0).decision,
  };
}

const states = new Map([
  ["a", checkState("up", 5)],
  ["b", checkState("down", 6)],
  ["c", checkState("unknown", 7)],
]);

describe("health snapshot", () => {
  test("round trip: health, since and the reason of what is down; unknown is nothing", () => {
    const snapshot = parseHealthSnapshot(JSON.parse(JSON.stringify(toSnapshot(states, [decided("up")], () => null))));
    expect(snapshot.quorumMet).toEqual(["web"]);
    expect(snapshot.settled).toEqual([]);
    const read = checkStatesOf(snapshot, ["a", "b", "c", "d"]);
    expect([...read.keys()]).toEqual(["a", "b"]);
    expect(read.get("a")).toEqual({ ...checkState("up", 5), verdict: null, checkedEpochMs: null });
    expect(read.get("b")).toEqual({ ...checkState("down", 6), checkedEpochMs: null });
  });

  test.each<[Health, number[], string[]]>([
    ["up", [1, 2], ["web 10.0.0.1:80"]],
    ["up", [2], []],
    ["down", [1, 2], []],
    ["down", [2], ["web 10.0.0.1:80"]],
    ["unknown", [1, 2], []],
  ])("settled is what the table holds as health demands: %s, table %j", (health, table, settled) => {
    const snapshot = toSnapshot(states, [decided(health)], () => table.map((last) => destination(last)));
    expect(snapshot.settled).toEqual(settled);
    expect([...snapshot.settled, ...snapshot.unsettled].sort()).toEqual(["web 10.0.0.1:80", "web 10.0.0.2:80"]);
  });

  test("is small: 40,000 checks with long keys take under 4 MB", () => {
    const many = new Map(
      Array.from({ length: 40_000 }, (_, index) => [`${"k".repeat(400)}${index}`, checkState("up")]),
    );
    expect(JSON.stringify(toSnapshot(many, [], () => null)).length).toBeLessThan(4_000_000);
  });

  test.each([
    null,
    [],
    { checks: [] },
    { checks: [["a", "up", 1]], settled: [], unsettled: [], quorumMet: [] },
    { checks: [["a", "sideways", 1, 0, null]], settled: [], unsettled: [], quorumMet: [] },
    { checks: [["a", "up", "now", 0, null]], settled: [], unsettled: [], quorumMet: [] },
    { checks: [["a", "down", 1, 0, { ok: true }]], settled: [], unsettled: [], quorumMet: [] },
    { checks: [], settled: [], unsettled: [], quorumMet: [1] },
    { checks: [], settled: [], quorumMet: [] },
    { checks: [], settled: "web", unsettled: [], quorumMet: [] },
  ])("refuses %j", (content) => expect(() => parseHealthSnapshot(content)).toThrow());
});
