import { deserialize, serialize } from "node:v8";
import { describe, expect, test } from "vitest";
import type { VrrpInstance } from "../../config/vrrp-model.ts";
import { renumbered } from "./numbered-routers.ts";
import { newRunning } from "./router.ts";
import { restore, restoreSequences, snapshotOf } from "./runner-snapshot.ts";
import { TimerTable } from "./timer-table.ts";

const named = (...names: readonly string[]) => {
  const instances = names.map((name) => ({ name }) as VrrpInstance);
  return {
    routers: instances.map((instance) => newRunning(instance, new Map())),
    byName: new Map(names.map((name, index) => [name, index])),
    timers: new TimerTable(names.length),
  };
};
const nothing = { alone: [], groups: [] };

describe("what a runner leaves", () => {
  test("is what another one goes on from, whatever numbers its routers have; deaf time is given on top", () => {
    const left = named("a", "b");
    left.timers.set(0, "advert", 1_000);
    left.timers.set(1, "master_down", 2_000);
    for (const router of left.routers) router.counters.advertisementsSent = 7;
    Object.assign(left.routers[0] ?? {}, { makesOldChecksum: true });
    const sequence = { high: 5, low: 6 };
    const routers = snapshotOf(left, (router) => (router === 0 ? { sequence, continueFrom: () => {} } : null));
    const snapshot = deserialize(serialize({ heardUntilMs: 900, machines: nothing, routers }));

    const next = named("c", "b", "a");
    restore(next, snapshot, 940);
    expect(next.timers.dueMs(2, "advert")).toBe(1_000);
    expect(next.timers.dueMs(1, "master_down")).toBe(2_040);
    expect(next.timers.dueMs(0, "advert")).toBe(Number.POSITIVE_INFINITY);
    expect(next.routers.map(({ counters }) => counters.advertisementsSent)).toEqual([0, 7, 7]);
    expect(next.routers.map(({ makesOldChecksum }) => makesOldChecksum)).toEqual([false, false, true]);
    const continued: unknown[] = [];
    restoreSequences(next, snapshot, (router) => ({
      sequence: null,
      continueFrom: (before) => continued.push([router, before.sequence]),
    }));
    expect(continued).toEqual([[2, sequence]]);
  });

  test("a reload keeps timers with their routers", () => {
    const before = named("a", "b");
    before.timers.set(1, "advert", 5);
    const model = { instances: [{ name: "b" }, { name: "a" }] } as unknown as Parameters<typeof renumbered>[1];
    const after = renumbered(before, model, new Map(), new Set(["a"]));
    expect(after.timers.dueMs(0, "advert")).toBe(5);
    expect(after.byName.get("a")).toBe(1);
  });
});
