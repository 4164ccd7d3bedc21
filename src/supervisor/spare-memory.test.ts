import { setTimeout as sleep } from "node:timers/promises";
import { getHeapStatistics } from "node:v8";
import { expect, test } from "vitest";
import { SpareMemory } from "./spare-memory.ts";

const heapMiB = () => getHeapStatistics().total_heap_size / 2 ** 20;

test("what a large piece of work left is given back, once, a while after the last", async () => {
  const spare = new SpareMemory(100);
  const before = heapMiB();
  let garbage: object[] | null = Array.from({ length: 3_000_000 }, (_, index) => ({ index }));
  expect(garbage.length).toBe(3_000_000);
  garbage = null;
  const grown = heapMiB();
  expect(grown - before).toBeGreaterThan(80);
  spare.releaseSoon();
  await sleep(50);
  spare.releaseSoon();
  expect(heapMiB()).toBeGreaterThanOrEqual(grown - 1);
  await sleep(500);
  expect(heapMiB()).toBeLessThan(grown - 60);
});
