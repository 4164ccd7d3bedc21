import fc from "fast-check";
import { expect, test } from "vitest";
import type { Model } from "../config/model.ts";
import type { VirtualServerDecision } from "../director/decision.ts";
import type { InstanceView } from "../vrrp/process/instance-view.ts";
import { View } from "./view.ts";
import { updatedView, ViewNews } from "./view-news.ts";

const model = { globalDefs: {}, virtualServers: [] } as unknown as Model;
const state = (failures: number) => ({
  health: "up" as const,
  sinceEpochMs: 1,
  failures,
  verdict: null,
  checkedEpochMs: null,
});
const decision = (name: string, weightUp: number) =>
  ({ name, quorum: { weightUp } }) as unknown as VirtualServerDecision;
const instance = (name: string, priority: number) => ({ name, priority }) as unknown as InstanceView;
const names = fc.constantFrom("a", "b", "c");

type Step = (view: View) => void;
const steps: fc.Arbitrary<Step | "ask"> = fc.oneof(
  fc.constant("ask" as const),
  fc.tuple(names, fc.nat(9)).map(
    ([key, n]): Step =>
      (view) =>
        view.apply({ checks: [{ key, state: state(n) }] }),
  ),
  fc.tuple(names, fc.nat(9)).map(
    ([key, latencyMs]): Step =>
      (view) =>
        view.apply({ passes: [{ key, latencyMs, checkedEpochMs: latencyMs }] }),
  ),
  fc.tuple(names, fc.nat(9)).map(
    ([name, n]): Step =>
      (view) =>
        view.apply({ director: { virtualServers: [decision(name, n)] } }),
  ),
  names.map(
    (name): Step =>
      (view) =>
        view.apply({ director: { removed: [name] } }),
  ),
  fc.nat(9).map(
    (n): Step =>
      (view) =>
        view.apply({ director: { drift: { repairedTotal: n, last: null } } }),
  ),
  fc.tuple(names, fc.nat(9)).map(
    ([name, n]): Step =>
      (view) =>
        view.applyInstances([instance(name, n)]),
  ),
  fc.tuple(names, fc.nat(9)).map(
    ([name, n]): Step =>
      (view) =>
        view.applyCounters([[name, [n]]]),
  ),
  fc.subarray(["a", "b", "c"]).map(
    (list): Step =>
      (view) =>
        view.configureInstances(list),
  ),
  fc.nat(9).map(
    (n): Step =>
      (view) =>
        view.configure(model, n),
  ),
  fc.constantFrom("gone", null).map(
    (why): Step =>
      (view) =>
        view.apply({ director: { unavailable: why } }),
  ),
);

const seen = (view: View | null) =>
  view && {
    ...{ checks: view.checks, decisions: view.decisions, instances: view.instances, drift: view.drift },
    ...{ refusals: view.refusals, unavailable: view.unavailable, generation: view.generation },
  };

test("a copy that is told now and then is the same as the view whenever it has asked", () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 40 }), (list) => {
      const view = new View(model, 1);
      const news = new ViewNews(view);
      view.watcher = news;
      let copy: View | null = null;
      for (const step of [...list, "ask" as const]) {
        if (step !== "ask") step(view);
        else {
          copy = updatedView(copy, structuredClone(news.take()));
          expect(seen(copy)).toEqual(seen(view));
        }
      }
    }),
  );
});

test("what did not change is not told again", () => {
  const view = new View(model, 1);
  const news = new ViewNews(view);
  view.watcher = news;
  view.apply({ checks: [{ key: "a", state: state(0) }] });
  expect(news.take()).toMatchObject({ configuration: { generation: 1 }, checks: [{ key: "a" }] });
  expect(news.take()).toMatchObject({ configuration: null, checks: [], virtualServers: [], instances: null });
  view.apply({ checks: [{ key: "b", state: state(1) }] });
  expect(news.take().checks).toEqual([{ key: "b", state: state(1) }]);
});

test("counters of instances, which are told apart, are news", () => {
  const view = new View(model, 1);
  const news = new ViewNews(view);
  view.watcher = news;
  view.configureInstances(["a"]);
  view.applyInstances([instance("a", 100)]);
  const copy = updatedView(null, news.take());
  view.applyCounters([["a", [7]]]);
  expect(updatedView(copy, news.take())?.instances).toEqual(view.instances);
  expect(view.instances[0]?.counters.advertisementsSent).toBe(7);
});
