import fc from "fast-check";
import { expect, test } from "vitest";
import type { TimerName } from "../machine/event.ts";
import { dueAfter, TimerTable, timerNames } from "./timer-table.ts";

test("timers of routers do not mix; one that is set again in its call waits", () => {
  const timers = new TimerTable(2);
  expect(timers.notBeforeMs(0)).toBe(Number.POSITIVE_INFINITY);
  timers.set(0, "advert", 10);
  timers.set(1, "advert", 20);
  timers.set(1, "master_down", 5);
  expect(timers.notBeforeMs(0)).toBe(5);
  expect([timers.isOtherDue(4), timers.isOtherDue(5)]).toEqual([false, true]);
  const seen: unknown[] = [];
  timers.takeDue("advert", 15, (router, timer, dueMs) => {
    seen.push([router, timer, dueMs]);
    timers.set(router, timer, 12);
  });
  expect(seen).toEqual([[0, "advert", 10]]);
  expect(timers.dueMs(0, "advert")).toBe(12);
  timers.cancel(1, "master_down");
  expect(timers.notBeforeMs(10)).toBe(12);
});

test("one that is put off again and again is searched for when its first time has come, and no sooner", () => {
  const timers = new TimerTable(3);
  for (let nowMs = 0; nowMs < 30; nowMs += 10)
    for (const router of [0, 1, 2]) timers.set(router, "master_down", nowMs + 36);
  expect(timers.notBeforeMs(30)).toBe(36);
  expect(timers.isOtherDue(35)).toBe(false);
  timers.takeDue("others", 36, () => expect.unreachable());
  expect(timers.notBeforeMs(36)).toBe(56);
});

test("what is heard before a timer is taken may put it off, and the ones behind it", () => {
  const timers = new TimerTable(3);
  for (const router of [0, 1, 2]) timers.set(router, "master_down", 30);
  const taken: number[] = [];
  let looks = 0;
  const hear = () => {
    if (++looks === 2) for (const router of [1, 2]) timers.set(router, "master_down", 66);
  };
  timers.takeDue("others", 30, (router) => taken.push(router), hear);
  expect([taken, looks]).toEqual([[0], 2]);
  expect(timers.notBeforeMs(30)).toBe(66);
});

test("what is set is due once, from its time on", () => {
  const settings = fc.array(
    fc.tuple(fc.nat(4), fc.constantFrom<TimerName>(...timerNames), fc.integer({ min: 0, max: 100 })),
  );
  fc.assert(
    fc.property(settings, fc.nat(100), (list, nowMs) => {
      const timers = new TimerTable(5);
      const model = new Map<string, number>();
      for (const [router, timer, dueMs] of list) {
        timers.set(router, timer, dueMs);
        model.set(`${router} ${timer}`, dueMs);
      }
      const seen: string[] = [];
      const note = (router: number, timer: TimerName) => void seen.push(`${router} ${timer}`);
      timers.takeDue("advert", nowMs, note);
      timers.takeDue("others", nowMs, note);
      const due = [...model].filter(([, dueMs]) => dueMs <= nowMs).map(([key]) => key);
      expect(seen.sort()).toEqual(due.sort());
      const left = [...model.values()].filter((dueMs) => dueMs > nowMs);
      const earliestMs = Math.min(Number.POSITIVE_INFINITY, ...left);
      // It may be too early at first, and comes nearer each time it was.
      let notBeforeMs = timers.notBeforeMs(nowMs);
      for (let nth = 0; nth < list.length && notBeforeMs < earliestMs; nth++) {
        expect(notBeforeMs).toBeGreaterThan(nowMs);
        notBeforeMs = timers.notBeforeMs(notBeforeMs);
      }
      expect(notBeforeMs).toBe(earliestMs);
    }),
  );
});

test("an advert timer keeps its rhythm, unless it missed an interval; others count from now", () => {
  const due = (timer: TimerName, nowMs: number, dueMs: number | null) =>
    dueAfter(timer, 100, { nowMs, dueMs, arrivedMs: nowMs });
  expect(due("advert", 1_030, 1_000)).toBe(1_100);
  expect(due("advert", 1_100, 1_000)).toBe(1_200);
  expect(due("advert", 1_030, null)).toBe(1_130);
  expect(due("master_down", 1_030, 1_000)).toBe(1_130);
  expect(due("preempt_delay", 1_030, 1_000)).toBe(1_130);
});

test("a master is silent since its advert came in; what else follows the advert counts from now", () => {
  const base = { nowMs: 1_030, dueMs: null, arrivedMs: 1_010 };
  expect(dueAfter("master_down", 100, base)).toBe(1_110);
  expect(dueAfter("advert", 100, base)).toBe(1_130);
  expect(dueAfter("preempt_delay", 100, base)).toBe(1_130);
});
