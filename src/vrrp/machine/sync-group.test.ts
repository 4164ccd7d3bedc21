import { describe, expect, test } from "vitest";
import type { Action } from "./action.ts";
import { describeReason } from "./describe.ts";
import type { RouterEvent } from "./event.ts";
import { explain } from "./explain.ts";
import { newRouter } from "./state.ts";
import { newSyncGroup, regroup, type SyncGroupState, stepGroup } from "./sync-group.ts";
import { advert, settings, standing } from "./testing/samples.ts";

const names = ["inside", "outside"];
const newGroup = () =>
  newSyncGroup(
    "G",
    names.map((name) => newRouter(settings({ name, syncGroup: "G" }), standing(100), "192.0.2.1", 0)),
  );
const startup: RouterEvent = { type: "startup", delayMs: 0, resumedAfterMs: null };
const down: RouterEvent = { type: "timer", timer: "master_down", dueMs: 3609.375 };
const broken = standing(100, { faults: [{ kind: "interface_down", interface: "eth0" }] });

type Timed = readonly [nowMs: number, member: number, event: RouterEvent];

function play(group: SyncGroupState, ...events: readonly Timed[]) {
  let result: ReturnType<typeof stepGroup> = { group, actions: [] };
  for (const [nowMs, member, event] of events) result = stepGroup(result.group, member, event, nowMs);
  return result;
}

const phases = ({ members }: SyncGroupState) => members.map(({ router }) => router.phase);
const sent = (actions: readonly { readonly instance: string; readonly actions: readonly Action[] }[]) =>
  actions.flatMap(({ instance, actions: list }) =>
    list.flatMap((one) => (one.type === "send_advert" ? [`${instance} ${one.priority}`] : [])),
  );

const started = play(newGroup(), [0, 0, startup], [0, 1, startup]).group;
const master = play(started, [3609.375, 0, down], [3609.375, 1, down]).group;

describe("becoming master", () => {
  test("one whose master is silent waits for the others, then all go", () => {
    const waiting = play(started, [3609.375, 0, down]);
    expect(phases(waiting.group)).toEqual(["backup", "backup"]);
    expect(explain(waiting.group.members[0]?.router as never, 4000)).toBe(
      "no advert from anybody for 3609 ms; waits for the other members of sync group G",
    );
    const all = play(waiting.group, [3700, 1, down]);
    expect(phases(all.group)).toEqual(["master", "master"]);
    expect(sent(all.actions)).toEqual(["inside 100", "outside 100"]);
  });

  test("one that hears a master again does not want any more", () => {
    const { group } = play(started, [3609.375, 0, down], [3650, 0, advert({ priority: 200 })], [3700, 1, down]);
    expect(phases(group)).toEqual(["backup", "backup"]);
  });

  test("owners do not wait for anybody but each other", () => {
    const routers = names.map((name) =>
      newRouter(settings({ name, syncGroup: "G", basePriority: 255 }), standing(255), "192.0.2.1", 0),
    );
    const { group } = play(newSyncGroup("G", routers), [0, 0, startup], [0, 1, startup]);
    expect(phases(group)).toEqual(["master", "master"]);
  });
});

describe("giving way", () => {
  test("one superior master, and all are backup; the others resign", () => {
    const { group, actions } = play(master, [5000, 1, advert({ priority: 200 })]);
    expect(phases(group)).toEqual(["backup", "backup"]);
    expect(sent(actions)).toEqual(["inside 0"]);
    expect(describeReason(group.members[0]?.router.because as never)).toBe(
      "sync group G follows outside: 192.0.2.2 has priority 200, higher than 100",
    );
  });

  test("a failover moves all", () => {
    const { group, actions } = play(master, [5000, 0, { type: "failover" }]);
    expect(phases(group)).toEqual(["leaving", "leaving"]);
    expect(sent(actions)).toEqual(["inside 0", "outside 0"]);
  });

  test("a stall of one", () => {
    const { group } = play(master, [20_000, 0, { type: "timer", timer: "advert", dueMs: 4609.375 }]);
    expect(phases(group)).toEqual(["backup", "backup"]);
  });
});

describe("faults", () => {
  test("of one are everybody's, at once; gone, all begin again", () => {
    const faulty = play(master, [5000, 1, { type: "standing", standing: broken }]);
    expect(phases(faulty.group)).toEqual(["fault", "fault"]);
    expect(sent(faulty.actions)).toEqual(["inside 0", "outside 0"]);
    expect(describeReason(faulty.group.members[0]?.router.because as never)).toBe(
      "member outside of its sync group is in fault",
    );
    const good = play(faulty.group, [9000, 1, { type: "standing", standing: standing(100) }]);
    expect(phases(good.group)).toEqual(["backup", "backup"]);
  });

  test("two at once: all must be gone", () => {
    const { group } = play(
      master,
      [5000, 0, { type: "standing", standing: broken }],
      [5001, 1, { type: "standing", standing: broken }],
      [6000, 0, { type: "standing", standing: standing(100) }],
    );
    expect(phases(group)).toEqual(["fault", "fault"]);
  });

  test("at the start too", () => {
    const routers = names.map((name, at) =>
      newRouter(settings({ name, syncGroup: "G" }), at === 0 ? broken : standing(100), "192.0.2.1", 0),
    );
    const { group } = play(newSyncGroup("G", routers), [0, 0, startup], [0, 1, startup]);
    expect(phases(group)).toEqual(["fault", "fault"]);
  });
});

test("an advert that changes nothing changes nothing here either", () => {
  const heard = play(started, [500, 0, advert()]).group;
  expect(stepGroup(heard, 0, advert(), 1500).group).toBe(heard);
});

test("a reload that joins a master and a backup makes both backup", () => {
  const [first] = master.members;
  const [, second] = started.members;
  const { group, actions } = regroup("G", [first?.router as never, second?.router as never], 9000);
  expect(phases(group)).toEqual(["backup", "backup"]);
  expect(sent(actions)).toEqual(["inside 0"]);
});

test("a member that does not exist is an error", () =>
  expect(() => stepGroup(master, 7, startup, 0)).toThrow("sync group G has no member 7"));
