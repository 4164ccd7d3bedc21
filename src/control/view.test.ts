import { describe, expect, test } from "vitest";
import type { VirtualServerDecision } from "../director/decision.ts";
import { healthOf, model, realServer, virtualServer } from "../director/testing/samples.ts";
import { View } from "./view.ts";

const decision = (name: string, weightUp = 1): VirtualServerDecision => ({
  name,
  quorum: { needed: 1, hysteresis: 0, weightUp, met: true, sinceEpochMs: 0 },
  sorryServer: null,
  realServers: [],
});
const names = (view: View) => [...view.decisions.keys()];

describe("apply", () => {
  test("parts that are absent stay as they were", () => {
    const view = new View(model([]), 1);
    const drift = { repairedTotal: 2, last: null };
    view.apply({
      director: { virtualServers: [decision("a"), decision("b")], refusals: [], drift, unavailable: "gone" },
    });
    view.apply({ director: { virtualServers: [decision("b", 9)] } });
    view.apply({ checks: [healthOf(1, "up")] });
    view.apply({});
    expect(names(view)).toEqual(["a", "b"]);
    expect(view.decisions.get("b")?.quorum.weightUp).toBe(9);
    expect(view.drift).toEqual(drift);
    expect(view.unavailable).toBe("gone");
    expect(view.checks.get(healthOf(1, "up").key)?.health).toBe("up");
    view.apply({ director: { unavailable: null } });
    expect(view.unavailable).toBeNull();
  });

  test("a virtual server that is gone is forgotten; one of its name that came with the same change is not", () => {
    const view = new View(model([]), 1);
    view.apply({ director: { virtualServers: [decision("a"), decision("b")] } });
    view.apply({ director: { virtualServers: [decision("b", 5)], removed: ["a", "b"] } });
    expect(names(view)).toEqual(["b"]);
    expect(view.decisions.get("b")?.quorum.weightUp).toBe(5);
  });
});

test("a new configuration keeps the checks that it has, and forgets the others", () => {
  const view = new View(model([virtualServer()]), 1);
  view.apply({ checks: [healthOf(1, "up"), healthOf(2, "down")] });
  const next = model([virtualServer({ realServers: [realServer(2), realServer(3)] })]);
  view.configure(next, 2);
  expect([view.generation, view.model]).toEqual([2, next]);
  expect([...view.checks.values()].map(({ health }) => health)).toEqual(["down"]);
});

test("repairs are counted over checker processes, each of which counts from zero", () => {
  const view = new View(model([]), 1);
  view.checkerStarted();
  view.apply({ director: { drift: { repairedTotal: 1, last: { epochMs: 1, what: "a" } } } });
  view.checkerStarted();
  expect(view.drift.repairedTotal).toBe(1);
  view.apply({ director: { drift: { repairedTotal: 1, last: { epochMs: 2, what: "b" } } } });
  expect(view.drift).toEqual({ repairedTotal: 2, last: { epochMs: 2, what: "b" } });
});
