import type { CheckChange } from "@lbctl/checkers";
import { expect, test } from "vitest";
import { addCounts, CheckCounter, durationBucketsS, nothingCounted } from "./check-counts.ts";

function result(type: string, ok: boolean, latencyMs: number): CheckChange {
  return { check: { spec: { type } }, state: { verdict: { ok, latencyMs } } } as unknown as CheckChange;
}

test("every result is in one class, by its kind and how it ended", () => {
  const counter = new CheckCounter();
  counter.add([result("TCP_CHECK", true, 1), result("TCP_CHECK", true, 1.1), result("TCP_CHECK", false, 3000)]);
  counter.add([result("HTTP_GET", true, 60_000)]);
  counter.addPasses([{ ...result("TCP_CHECK", true, 1), latencyMs: 1, checkedEpochMs: 0 }]);
  const { durations } = counter.take(null);
  expect(durations["TCP_CHECK ok"]).toMatchObject({ buckets: [2, 1, ...new Array(12).fill(0)], sumMs: 3.1 });
  expect(durations["TCP_CHECK failed"]?.buckets[durationBucketsS.indexOf(5)]).toBe(1);
  expect(durations["HTTP_GET ok"]?.buckets.at(-1)).toBe(1);
  expect(counter.take(null)).toEqual(nothingCounted);
});

test("counts are added up, over processes that come and go", () => {
  const counter = new CheckCounter();
  counter.add([result("TCP_CHECK", true, 2)]);
  const first = counter.take({ runs: 4, meanMs: 0.5, maxMs: 9 });
  counter.add([result("TCP_CHECK", true, 2), result("HTTP_GET", true, 7)]);
  const both = addCounts(first, counter.take({ runs: 1, meanMs: 3, maxMs: 3 }));
  expect(both).toMatchObject({ lateRuns: 5, lateSumMs: 5, lateMaxMs: 9 });
  expect(both.durations["TCP_CHECK ok"]?.buckets[1]).toBe(2);
  expect(both.durations["HTTP_GET ok"]?.sumMs).toBe(7);
  expect(addCounts(nothingCounted, first)).toEqual(first);
});
