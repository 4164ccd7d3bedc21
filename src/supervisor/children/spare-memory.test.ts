import { getHeapStatistics } from "node:v8";
import { expect, test } from "vitest";
import { SpareMemory } from "./spare-memory.ts";

const heapMiB = () => getHeapStatistics().total_heap_size / 2 ** 20;

test("what a large piece of work left is given back a while after it", async () => {
  const spare = new SpareMemory(100);
  const before = heapMiB();
  let garbage: object[] | null = Array.from({ length: 3_000_000 }, (_, index) => ({ index }));
  expect(garbage.length).toBe(3_000_000);
  garbage = null;
  const grown = heapMiB();
  expect(grown - before).toBeGreaterThan(80);
  spare.releaseSoon();
  spare.releaseSoon();
  await expect.poll(heapMiB).toBeLessThan(grown - 60);
});
