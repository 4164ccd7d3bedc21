import { describe, expect, test } from "vitest";
import type { Action } from "./action.ts";
import { describeReason } from "./describe.ts";
import type { RouterEvent } from "./event.ts";
import { explain } from "./explain.ts";
import { type MemberReload, reloadGroup } from "./reload-group.ts";
import { newRouter } from "./state.ts";
import { newSyncGroup, regroup, type SyncGroupState, stepGroup } from "./sync-group.ts";
import { advert, instance, settings, standing } from "./testing/samples.ts";

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

describe("a reload brings a new member", () => {
  const newMember = (some: Partial<Parameters<typeof standing>[1]> = {}) => ({
    after: instance({ name: "dmz", syncGroup: "G" }),
    standing: standing(100, some),
    running: null,
  });
  const running = (group: SyncGroupState): MemberReload[] =>
    group.members.map(({ router }) => {
      const before = instance({ name: router.settings.name, syncGroup: "G" });
      return { after: before, standing: standing(100), running: { state: router, before } };
    });
  const joined = (group: SyncGroupState, ...added: readonly MemberReload[]) =>
    reloadGroup("G", [...running(group), ...added], 9000);

  test("of a master group: it is master at once, and nobody resigns", () => {
    const reloaded = joined(master, newMember());
    expect(reloaded.toStart).toEqual(["dmz"]);
    const { group, actions } = play(reloaded.group, [9001, 2, startup]);
    expect(phases(group)).toEqual(["master", "master", "master"]);
    expect(sent([...reloaded.actions, ...actions])).toEqual(["dmz 100"]);
    expect(describeReason(group.members[2]?.router.because as never)).toBe("new in sync group G, which is master");
  });

  test("of a master group, two at once, and one that starts after its start-up delay", () => {
    const two = joined(master, newMember(), { ...newMember(), after: instance({ name: "lab", syncGroup: "G" }) });
    const delayed: RouterEvent = { type: "startup", delayMs: 500, resumedAfterMs: null };
    const due: RouterEvent = { type: "timer", timer: "startup", dueMs: 9501 };
    const { group } = play(two.group, [9001, 2, startup], [9001, 3, delayed]);
    expect(phases(group)).toEqual(["master", "master", "master", "master"]);
    const first = play(joined(started, newMember()).group, [9001, 2, delayed]);
    expect(phases(first.group)).toEqual(["backup", "backup", "initialize"]);
    const waiting = { ...first.group, members: [...master.members, ...first.group.members.slice(2)] };
    expect(phases(play(waiting, [9501, 2, due]).group)).toEqual(["master", "master", "master"]);
  });

  test("of a master group, with a fault: that is everybody's; gone, all listen first", () => {
    const faults = broken.faults;
    const reloaded = joined(master, newMember({ faults }));
    const { group } = play(reloaded.group, [9001, 2, startup]);
    expect(phases(group)).toEqual(["fault", "fault", "fault"]);
    expect(sent(reloaded.actions)).toEqual(["inside 0", "outside 0"]);
    const good = play(group, [9500, 2, { type: "standing", standing: standing(100) }]);
    expect(phases(good.group)).toEqual(["backup", "backup", "backup"]);
  });

  test("of a master group, where a better router has that virtual router: the whole group follows it", () => {
    const { group } = play(joined(master, newMember()).group, [9001, 2, startup], [9200, 2, advert({ priority: 200 })]);
    expect(phases(group)).toEqual(["backup", "backup", "backup"]);
    const worse = play(joined(master, newMember()).group, [9001, 2, startup], [9200, 2, advert({ priority: 90 })]);
    expect(phases(worse.group)).toEqual(["master", "master", "master"]);
    expect(sent(worse.actions)).toEqual(["dmz 100"]);
  });

  test("of a backup group: it listens as they do", () => {
    const { group } = play(joined(started, newMember()).group, [9001, 2, startup]);
    expect(phases(group)).toEqual(["backup", "backup", "backup"]);
  });

  test("with another identity for a master: that one resigns, and goes on under the new one", () => {
    const [inside, outside] = running(master);
    const moved = { ...(outside as MemberReload), after: instance({ ...outside?.after, virtualRouterId: 77 }) };
    const reloaded = reloadGroup("G", [inside as MemberReload, moved], 9000);
    expect(sent(reloaded.actions)).toEqual(["outside 0"]);
    expect(phases(play(reloaded.group, [9001, 1, startup]).group)).toEqual(["master", "master"]);
  });
});

describe("a process that is started again", () => {
  const resumed = (resumedAfterMs: number): RouterEvent => ({ type: "startup", delayMs: 0, resumedAfterMs });

  test("in time for all members: master", () =>
    expect(phases(play(newGroup(), [0, 0, resumed(1500)], [0, 1, resumed(1500)]).group)).toEqual(["master", "master"]));

  test.each([
    [1500, 9000],
    [9000, 1500],
  ])("in time for one of them (%s, %s): backup, never half of it", (first, second) => {
    const { group } = play(newGroup(), [0, 0, resumed(first)], [0, 1, resumed(second)]);
    expect(phases(group)).toEqual(["backup", "backup"]);
  });
});

test("a member that does not exist is an error", () =>
  expect(() => stepGroup(master, 7, startup, 0)).toThrow("sync group G has no member 7"));
