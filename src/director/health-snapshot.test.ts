import { describe, expect, test } from "vitest";
import { checkStatesOf, parseHealthSnapshot, toSnapshot } from "./health-snapshot.ts";
import { checkState } from "./testing/samples.ts";

const states = new Map([
  ["a", checkState("up", 5)],
  ["b", checkState("down", 6)],
  ["c", checkState("unknown", 7)],
]);

describe("health snapshot", () => {
  test("round trip: health, since and the reason of what is down; unknown is nothing", () => {
    const snapshot = parseHealthSnapshot(JSON.parse(JSON.stringify(toSnapshot(states, ["web"]))));
    expect(snapshot.quorumMet).toEqual(["web"]);
    const read = checkStatesOf(snapshot, ["a", "b", "c", "d"]);
    expect([...read.keys()]).toEqual(["a", "b"]);
    expect(read.get("a")).toEqual({ ...checkState("up", 5), verdict: null, checkedEpochMs: null });
    expect(read.get("b")).toEqual({ ...checkState("down", 6), checkedEpochMs: null });
  });

  test("is small: 40,000 checks with long keys take under 4 MB", () => {
    const many = new Map(
      Array.from({ length: 40_000 }, (_, index) => [`${"k".repeat(400)}${index}`, checkState("up")]),
    );
    expect(JSON.stringify(toSnapshot(many, [])).length).toBeLessThan(4_000_000);
  });

  test.each([
    null,
    [],
    { checks: [] },
    { checks: [["a", "up", 1]], quorumMet: [] },
    { checks: [["a", "sideways", 1, 0, null]], quorumMet: [] },
    { checks: [["a", "up", "now", 0, null]], quorumMet: [] },
    { checks: [["a", "down", 1, 0, { ok: true }]], quorumMet: [] },
    { checks: [], quorumMet: [1] },
  ])("refuses %j", (content) => expect(() => parseHealthSnapshot(content)).toThrow());
});
