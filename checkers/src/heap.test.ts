import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IndexedHeap } from "./heap.ts";

function drain(heap: IndexedHeap): [string, number][] {
  const drained: [string, number][] = [];
  for (let key = heap.peekKey(); key !== null; key = heap.peekKey()) {
    drained.push([key, heap.peekPriority() as number]);
    heap.delete(key);
  }
  return drained;
}

describe("IndexedHeap", () => {
  test("is empty at first", () => {
    const heap = new IndexedHeap();
    expect([heap.size, heap.peekKey(), heap.peekPriority(), heap.delete("a")]).toEqual([0, null, null, false]);
  });

  test("equal priorities leave in the order in which they came", () => {
    const heap = new IndexedHeap();
    for (const key of ["c", "a", "b", "d"]) heap.set(key, 7);
    heap.set("c", 7);
    expect(drain(heap).map(([key]) => key)).toEqual(["a", "b", "d", "c"]);
  });

  test("any sequence of set and delete drains as a sorted map would", () => {
    const key = fc.integer({ min: 0, max: 30 }).map(String);
    const steps = fc.array(fc.record({ key, priority: fc.option(fc.integer({ min: 0, max: 20 })) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const heap = new IndexedHeap();
        const model = new Map<string, number>();
        for (const step of list) {
          // Re-inserting moves the key behind its equals, in the map as in the heap.
          const wasThere = model.delete(step.key);
          if (step.priority === null) expect(heap.delete(step.key)).toBe(wasThere);
          else {
            heap.set(step.key, step.priority);
            model.set(step.key, step.priority);
          }
          expect(heap.size).toBe(model.size);
        }
        expect(drain(heap)).toEqual([...model].sort((a, b) => a[1] - b[1]));
      }),
    );
  });
});
