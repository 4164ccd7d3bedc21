import type { Check } from "@lbctl/checkers";
import { describe, expect, test } from "vitest";
import type { VirtualServer } from "../config/model.ts";
import { carriedOver } from "./carried-over.ts";
import { keyOf } from "./check-key.ts";
import { check, checkState, model, realServer, virtualServer } from "./testing/samples.ts";

const timing = { ...check(1).timing, delayLoopMs: 1000 };
const before = virtualServer();
const states = new Map([
  [keyOf(check(1)), checkState("down", 7)],
  [keyOf(check(2)), checkState("up", 8)],
]);

/** The states carried over to a virtual server whose real server 1 has these checks now. */
function carried(checks: readonly Check[], change: Partial<VirtualServer> = {}, old: VirtualServer | null = before) {
  const after = virtualServer({ realServers: [realServer(1, { checks }), realServer(2)], ...change });
  return carriedOver(model([after]), () => old, states);
}

describe("what was found out is carried over", () => {
  test("to a check that differs in when it runs", () => {
    const slower = check(1, { timing });
    expect(carried([slower])).toEqual(new Map([[keyOf(slower), checkState("down", 7)]]));
  });

  test("to one that asks something else only that the real server was down, without the old verdict", () => {
    const other = check(1, { port: 81, timing });
    const down = { ...checkState("down", 7), failures: 0, verdict: null, checkedEpochMs: null };
    expect(carried([other])).toEqual(new Map([[keyOf(other), down]]));
    const better = new Map([[keyOf(check(1)), checkState("up", 7)]]);
    const after = virtualServer({ realServers: [realServer(1, { checks: [other] })] });
    expect(carriedOver(model([after]), () => before, better).size).toBe(0);
  });

  test("nothing to a real server that is new, nor to a virtual server that is", () => {
    const after = virtualServer({ realServers: [realServer(3, { checks: [check(3, { timing })] })] });
    expect(carriedOver(model([after]), () => before, states).size).toBe(0);
    expect(carried([check(1, { timing })], {}, null).size).toBe(0);
  });

  test("not over a state of its own", () => {
    expect(carried([check(1)]).size).toBe(0);
    const known = new Map([...states, [keyOf(check(1, { timing })), checkState("up")]]);
    const after = virtualServer({ realServers: [realServer(1, { checks: [check(1, { timing })] })] });
    expect(carriedOver(model([after]), () => before, known).size).toBe(0);
  });

  test("nothing from a check that has not run yet", () => {
    const after = virtualServer({ realServers: [realServer(1, { checks: [check(1, { timing })] })] });
    expect(carriedOver(model([after]), () => before, new Map()).size).toBe(0);
  });
});
