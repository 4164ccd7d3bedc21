import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Schedule } from "./schedule.ts";

const roomy = { maxConcurrency: 1000 };

describe("Schedule", () => {
  test("starts nothing before its moment, and everything of one moment at one wake-up", () => {
    const schedule = new Schedule(roomy);
    for (const [key, startMs] of [
      ["a", 20],
      ["b", 20],
      ["c", 30],
    ] as const)
      schedule.add(key, startMs);
    expect(schedule.nextWakeMs()).toBe(20);
    expect(schedule.takeDue(19)).toEqual([]);
    expect(schedule.takeDue(20)).toEqual(["a", "b"]);
    expect(schedule.nextWakeMs()).toBe(30);
  });

  test("no wake-up for a moment that all keys have left", () => {
    const schedule = new Schedule(roomy);
    schedule.add("a", 20);
    schedule.add("b", 30);
    schedule.remove("a");
    expect(schedule.nextWakeMs()).toBe(30);
    schedule.expedite("b", 25);
    expect(schedule.nextWakeMs()).toBe(25);
  });

  test("what is due beyond maxConcurrency waits, oldest first, and asks for no wake-up meanwhile", () => {
    const schedule = new Schedule({ maxConcurrency: 2 });
    for (const [key, dueMs] of [
      ["new", 9],
      ["oldest", 1],
      ["old", 2],
    ] as const)
      schedule.add(key, dueMs);
    expect(schedule.takeDue(10)).toEqual(["oldest", "old"]);
    expect(schedule.nextWakeMs()).toBeNull();
    schedule.finish("oldest", 1000);
    expect(schedule.takeDue(50)).toEqual(["new"]);
    expect(schedule.readLateness()).toEqual({ runs: 3, maxMs: 41, meanMs: (9 + 8 + 41) / 3 });
    expect(schedule.readLateness()).toEqual({ runs: 0, maxMs: 0, meanMs: 0 });
  });

  test("a long stall makes one late run per key, not the missed ones", () => {
    const schedule = new Schedule(roomy);
    schedule.add("a", 0);
    expect(schedule.takeDue(3_600_000)).toEqual(["a"]);
    schedule.finish("a", 3_600_000 + 5000);
    expect(schedule.takeDue(3_600_000 + 4999)).toEqual([]);
  });

  test("removing tells whether a run has to be cancelled; its result is then unwelcome", () => {
    const schedule = new Schedule(roomy);
    schedule.add("a", 0);
    schedule.add("b", 100);
    schedule.takeDue(0);
    expect([schedule.remove("a"), schedule.remove("b"), schedule.remove("c")]).toEqual([true, false, false]);
    expect(schedule.finish("a", 10)).toBe(false);
    expect([schedule.size, schedule.nextWakeMs()]).toEqual([0, null]);
  });

  test("adding a key that is there changes nothing", () => {
    const schedule = new Schedule(roomy);
    schedule.add("waiting", 50);
    schedule.add("running", 0);
    schedule.takeDue(0);
    schedule.add("waiting", 0);
    schedule.add("running", 0);
    expect(schedule.takeDue(49)).toEqual([]);
    expect(schedule.size).toBe(2);
  });

  test("expedite brings a waiting key forward and leaves a running one alone", () => {
    const schedule = new Schedule(roomy);
    schedule.add("a", 5000);
    schedule.expedite("a", 100);
    expect(schedule.takeDue(100)).toEqual(["a"]);
    schedule.expedite("a", 100);
    schedule.expedite("stranger", 100);
    expect(schedule.takeDue(100)).toEqual([]);
  });

  test("never more than maxConcurrency, never early, always the oldest due, whatever happens", () => {
    const key = fc.integer({ min: 0, max: 12 }).map(String);
    const step = fc.oneof(
      fc.record({ kind: fc.constant("add" as const), key, inMs: fc.nat(100) }),
      fc.record({ kind: fc.constant("remove" as const), key, inMs: fc.constant(0) }),
      fc.record({ kind: fc.constant("finish" as const), key, inMs: fc.nat(100) }),
      fc.record({ kind: fc.constant("pass" as const), key, inMs: fc.nat(60) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 4 }), (steps, maxConcurrency) => {
        const schedule = new Schedule({ maxConcurrency });
        const due = new Map<string, number>();
        const running = new Set<string>();
        let nowMs = 0;
        for (const { kind, key, inMs } of steps) {
          if (kind === "add") {
            schedule.add(key, nowMs + inMs);
            if (!due.has(key) && !running.has(key)) due.set(key, nowMs + inMs);
          } else if (kind === "remove") {
            expect(schedule.remove(key)).toBe(running.delete(key));
            due.delete(key);
          } else if (kind === "finish") {
            expect(schedule.finish(key, nowMs + inMs)).toBe(running.has(key));
            if (running.delete(key)) due.set(key, nowMs + inMs);
          } else {
            nowMs += inMs;
            for (const taken of schedule.takeDue(nowMs)) {
              expect(due.get(taken)).toBeLessThanOrEqual(nowMs);
              expect(due.get(taken)).toBe(Math.min(...due.values()));
              due.delete(taken);
              running.add(taken);
            }
            const wake = schedule.nextWakeMs();
            if (running.size < maxConcurrency) for (const dueMs of due.values()) expect(dueMs).toBeGreaterThan(nowMs);
            expect(wake === null).toBe(running.size >= maxConcurrency || due.size === 0);
            // A wake-up finds something to start.
            if (wake !== null) expect(wake).toBe(Math.min(...due.values()));
          }
          expect(running.size).toBeLessThanOrEqual(maxConcurrency);
          expect(schedule.running).toBe(running.size);
          expect(schedule.size).toBe(running.size + due.size);
        }
      }),
    );
  });
});
