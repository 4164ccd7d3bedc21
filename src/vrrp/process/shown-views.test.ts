import { expect, test } from "vitest";
import { router } from "../machine/testing/samples.ts";
import { countersOf, newCounters } from "./counters.ts";
import type { InstanceView } from "./instance-view.ts";
import { ShownViews } from "./shown-views.ts";

const view = (state: InstanceView["state"]): InstanceView => ({
  ...{ name: "VI_1", state, sinceEpochMs: 1, reason: "listens", interface: "eth0", family: "inet", version: 3 },
  ...{ virtualRouterId: 51, syncGroup: null, priority: 100, basePriority: 100, contributions: [], master: null },
  ...{ addresses: [], counters: newCounters() },
});

test("a view is news when something other than its counters is otherwise", () => {
  const shown = new ShownViews();
  const state = router();
  expect(shown.hasMoved("VI_1", state)).toBe(true);
  expect(shown.isNews(view("backup"), state)).toBe(true);
  expect(shown.hasMoved("VI_1", state)).toBe(false);
  expect(shown.hasMoved("VI_1", { ...state })).toBe(true);
  // What is left of it is shown.
  expect(shown.hasMoved("VI_1", { ...state, preemptDelay: "running" })).toBe(true);
  expect(shown.isNews({ ...view("backup"), counters: { ...newCounters(), sendErrors: 1 } }, state)).toBe(false);
  expect(shown.isNews(view("master"), state)).toBe(true);
  shown.configure([]);
  expect(shown.isNews(view("master"), state)).toBe(true);
});

test("counters are told of those who have counted, and read as they were", () => {
  const shown = new ShownViews();
  const [one, other] = [newCounters(), newCounters()];
  const counted = () =>
    shown.counted([
      { instance: { name: "A" }, counters: one },
      { instance: { name: "B" }, counters: other },
    ]);
  expect(counted().map(([name]) => name)).toEqual(["A", "B"]);
  expect(counted()).toEqual([]);
  one.checksumErrors = 3;
  one.advertisementsReceived = 7;
  const told = counted();
  expect(told.map(([name]) => name)).toEqual(["A"]);
  expect(countersOf(told[0]?.[1] ?? [])).toEqual({ ...newCounters(), checksumErrors: 3, advertisementsReceived: 7 });
  shown.configure(["A"]);
  expect(counted().map(([name]) => name)).toEqual(["B"]);
});
