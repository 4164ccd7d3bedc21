import { expect, test } from "vitest";
import { SaidLately } from "../../log/said-lately.ts";
import type { Action } from "../machine/action.ts";
import { instance } from "../machine/testing/samples.ts";
import { Acting } from "./acting.ts";
import { newRunning } from "./router.ts";
import { TimerTable, timesOf } from "./timer-table.ts";

const plan = { why: "became_master", repeat: 1, second: null, refresh: null } as const;
const becomeMaster: readonly Action[] = [
  { type: "send_advert", priority: 100 },
  { type: "add_addresses" },
  { type: "announce", plan },
  { type: "set_timer", timer: "advert", afterMs: 10 },
];

/** Writes down what is done, in its order; `onTake` happens while addresses are written. */
function acting(onTake: (name: string) => void = () => {}) {
  const done: string[] = [];
  const told: string[] = [];
  const timers = new TimerTable(3);
  const routers = ["A", "B", "C"].map((name) => newRunning(instance({ name }), new Map()));
  let queued: string[] = [];
  const nameOf = (index: number) => routers[index]?.instance.name ?? "";
  const one = new Acting({
    owner: {
      take: (name) => {
        done.push(`take ${name}`);
        onTake(name);
      },
      release: (name) => void done.push(`release ${name}`),
    },
    announcer: {
      announce: (name) => void done.push(`announce ${name}`),
      announceOverRival: (name) => void done.push(`announce ${name} over a rival`),
      stop: (name) => void done.push(`silence ${name}`),
    },
    surroundings: { announcementsOf: () => ({ addresses: () => [], extra: null }) },
    speaking: { advertise: (index) => void queued.push(nameOf(index)) },
    timers: () => timers,
    flush: () => {
      if (queued.length > 0) done.push(`advert ${queued.join()}`);
      queued = [];
    },
    takeDueAdverts: () =>
      timers.takeDue("advert", nowMs, (index) => one.performAll(index, becomeMaster.slice(0, 1), timesOf(nowMs))),
    routerAt: (index) => routers[index] as (typeof routers)[number],
    tell: ({ type }) => void told.push(type),
    said: new SaidLately(60_000),
  });
  let nowMs = 0;
  return {
    done,
    told,
    settle: () => one.settle(),
    does: (index: number, actions: readonly Action[]) => one.performAll(index, actions, timesOf(nowMs)),
    passes: (ms: number) => {
      nowMs += ms;
    },
  };
}

test("the adverts of all that become master go out before any address is written", () => {
  const { does, settle, done } = acting();
  for (const index of [0, 1, 2]) does(index, becomeMaster);
  expect(done).toEqual([]);
  settle();
  expect(done).toEqual(["advert A,B,C", ...["take A", "announce A", "take B", "announce B", "take C", "announce C"]]);
});

test("adverts that become due while addresses are written do not wait for the rest", () => {
  const lab = acting(() => lab.passes(6));
  for (const index of [0, 1, 2]) lab.does(index, becomeMaster);
  lab.settle();
  expect(lab.done).toEqual([
    "advert A,B,C",
    ...["take A", "announce A", "take B", "advert A,B,C", "announce B", "take C", "announce C"],
  ]);
});

test("what is taken back in the same wake-up is taken back after it was given", () => {
  const { does, settle, done } = acting();
  does(0, becomeMaster);
  does(0, [{ type: "stop_announcing" }, { type: "remove_addresses" }]);
  settle();
  expect(done).toEqual(["advert A", "take A", "announce A", "silence A", "release A"]);
});

test("what a write leads to is done after all that was wanted before", () => {
  const lab = acting((name) => {
    if (name !== "A") return;
    lab.does(1, [{ type: "remove_addresses" }]);
    lab.settle();
  });
  for (const index of [0, 1]) lab.does(index, becomeMaster);
  lab.settle();
  expect(lab.done).toEqual(["advert A,B", "take A", "announce A", "take B", "announce B", "release B"]);
});

test("a master that leaves after a stall, or stays after all, tells each time; the log is told once a minute", () => {
  const { does, told } = acting();
  const both: readonly Action[] = [
    { type: "warn", warning: { kind: "stalled_master", silentMs: 50, limitMs: 36 } },
    { type: "warn", warning: { kind: "stall_unanswered", waitedMs: 70 } },
  ];
  for (let nth = 0; nth < 2; nth++) does(0, both);
  expect(told).toEqual(["moved", "warned", "moved", "warned", "moved", "moved"]);
});
