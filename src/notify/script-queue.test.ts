import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Job, ScriptQueue } from "./script-queue.ts";

describe("ScriptQueue", () => {
  test("of one target one after the other, of several at once", () => {
    const queue = new ScriptQueue<number>(10);
    expect(queue.add({ target: "a", work: 1 })).toEqual({ target: "a", work: 1 });
    expect(queue.add({ target: "a", work: 2 })).toBeNull();
    expect(queue.add({ target: "b", work: 3 })).toEqual({ target: "b", work: 3 });
    expect(queue.length).toBe(1);
    expect(queue.finished("b")).toBeNull();
    expect(queue.finished("a")).toEqual({ target: "a", work: 2 });
    expect(queue.finished("a")).toBeNull();
    expect([queue.length, queue.running]).toEqual([0, 0]);
  });

  test("at the end the last that waits for each target is what is left", () => {
    const queue = new ScriptQueue<number>(1);
    queue.add({ target: "a", work: 1 });
    for (const work of [2, 3]) queue.add({ target: "a", work });
    for (const work of [4, 5]) queue.add({ target: "b", work });
    queue.add({ target: "c", work: 6 });
    expect(queue.drain()).toEqual([
      { target: "b", work: 5 },
      { target: "c", work: 6 },
      { target: "a", work: 3 },
    ]);
    expect(queue.length).toBe(0);
    expect(queue.finished("a")).toBeNull();
  });

  test("whatever the order: everything is started, in the order of its target, never two of one, never too many", () => {
    const steps = fc.array(fc.oneof(fc.constantFrom("a", "b", "c", "d", "e"), fc.nat()), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), steps, (limit, script) => {
        const queue = new ScriptQueue<number>(limit);
        const running: string[] = [];
        const started = new Map<string, number[]>();
        const added = new Map<string, number[]>();
        const start = (job: Job<number> | null): void => {
          if (job === null) return;
          expect(running).not.toContain(job.target);
          running.push(job.target);
          expect(running.length).toBeLessThanOrEqual(limit);
          started.set(job.target, [...(started.get(job.target) ?? []), job.work]);
        };
        const finish = (index: number): void => {
          const [target] = running.splice(index % running.length, 1);
          if (target !== undefined) start(queue.finished(target));
        };
        for (const [work, step] of script.entries()) {
          if (typeof step === "number") {
            if (running.length > 0) finish(step);
            continue;
          }
          added.set(step, [...(added.get(step) ?? []), work]);
          start(queue.add({ target: step, work }));
        }
        while (running.length > 0) finish(0);
        expect(started).toEqual(added);
        expect([queue.length, queue.running]).toEqual([0, 0]);
      }),
    );
  });
});
