import { describe, expect, test } from "vitest";
import type { Action } from "./action.ts";
import { describeChange } from "./describe.ts";
import type { RouterEvent, TimerName } from "./event.ts";
import type { RouterState } from "./state.ts";
import { step } from "./step.ts";
import { advert, router, standing } from "./testing/samples.ts";
import { handoverMs } from "./timing.ts";

const startup: RouterEvent = { type: "startup", delayMs: 0, resumedAfterMs: null };
const shutdown = (release: "after_takeover" | "now" | "never"): RouterEvent => ({ type: "shutdown", release });
const timer = (name: TimerName, dueMs: number): RouterEvent => ({ type: "timer", timer: name, dueMs });
const fault = standing(100, { faults: [{ kind: "interface_down", interface: "eth0" }] });

type Timed = readonly [nowMs: number, event: RouterEvent];

/** The state after these events, and the actions of the last one. */
function play(state: RouterState, ...events: readonly Timed[]): { state: RouterState; actions: readonly Action[] } {
  let result: { state: RouterState; actions: readonly Action[] } = { state, actions: [] };
  for (const [nowMs, event] of events) result = step(result.state, event, nowMs);
  return result;
}

const backup = (some: Parameters<typeof router>[0] = {}) => play(router(some), [0, startup]).state;
const master = (some: Parameters<typeof router>[0] = {}) => {
  const at = backup(some);
  const downMs = timerOf(step(router(some), startup, 0).actions, "master_down") ?? 0;
  return step(at, timer("master_down", downMs), downMs).state;
};
const timerOf = (actions: readonly Action[], name: TimerName) =>
  actions.flatMap((one) => (one.type === "set_timer" && one.timer === name ? [one.afterMs] : [])).at(0);
const types = (actions: readonly Action[]) =>
  actions.map((one) => {
    if (one.type === "set_timer" || one.type === "cancel_timer") return `${one.type} ${one.timer}`;
    return one.type === "send_advert" ? `send_advert ${one.priority}` : one.type;
  });
const warnings = (actions: readonly Action[]) =>
  actions.flatMap((one) => (one.type === "warn" ? [one.warning.kind] : []));
const sentence = (actions: readonly Action[]) =>
  actions.flatMap((one) => (one.type === "changed" ? [describeChange(one.change)] : [])).at(0);
const ignored = (actions: readonly Action[]) =>
  actions.flatMap((one) => (one.type === "ignored" ? [one.reason] : [])).at(0);

describe("startup (RFC 9568 6.4.1)", () => {
  test("a router listens first", () => {
    const { state, actions } = play(router(), [0, startup]);
    expect(state.phase).toBe("backup");
    expect(types(actions)).toEqual(["cancel_timer startup", "set_timer master_down", "changed"]);
    expect(timerOf(actions, "master_down")).toBe(3609.375);
  });

  test("an owner does not", () => {
    const { state, actions } = play(router({ basePriority: 255 }), [0, startup]);
    expect(state.phase).toBe("master");
    expect(types(actions)[0]).toBe("send_advert 255");
    expect(sentence(actions)).toContain("it owns the addresses");
  });

  test("a startup delay comes before", () => {
    const { state, actions } = play(router(), [0, { ...startup, delayMs: 5000 }]);
    expect(state.phase).toBe("initialize");
    expect(types(actions)).toEqual(["set_timer startup"]);
    expect(ignored(step(state, advert(), 100).actions)).toBe("not_started");
    expect(step(state, timer("startup", 5000), 5000).state.phase).toBe("backup");
  });

  test("with a fault it is in fault; that gone, it begins", () => {
    const faulty = { ...router(), standing: fault };
    const { state, actions } = play(faulty, [0, startup]);
    expect(state.phase).toBe("fault");
    expect(sentence(actions)).toBe("vrrp VI_1 initialize -> fault after 0 ms: interface eth0 is down");
    const cleared = step(state, { type: "standing", standing: standing(100) }, 9000);
    expect(cleared.state.phase).toBe("backup");
    expect(sentence(cleared.actions)).toBe("vrrp VI_1 fault -> backup after 9 s: all faults are gone");
  });

  test.each([
    [2000, "master"],
    [3609, "master"],
    [3610, "backup"],
  ])("a process that is back %i ms after its last advert is %s", (resumedAfterMs, phase) =>
    expect(play(router(), [0, { ...startup, resumedAfterMs }]).state.phase).toBe(phase),
  );
});

describe("as backup (RFC 9568 6.4.2)", () => {
  test("silence makes it master: advert, addresses, announcement, timer", () => {
    const { state, actions } = play(
      router(),
      [0, startup],
      [500, advert()],
      [4109.375, timer("master_down", 4109.375)],
    );
    expect(state.phase).toBe("master");
    expect(types(actions)).toEqual([
      "send_advert 100",
      "cancel_timer master_down",
      "cancel_timer preempt_delay",
      "add_addresses",
      "announce",
      "set_timer advert",
      "changed",
    ]);
    expect(sentence(actions)).toBe(
      "vrrp VI_1 backup -> master after 4.1 s: no advert from 192.0.2.2 (priority 100) for 3609 ms",
    );
  });

  test("the same advert again costs no new state", () => {
    const heard = step(backup(), advert(), 500).state;
    const again = step(heard, advert(), 1500);
    expect(again.state).toBe(heard);
    expect(again.actions).toEqual([{ type: "set_timer", timer: "master_down", afterMs: 3609.375 }]);
  });

  test("priority 0 of the master: the skew time, and once only", () => {
    const heard = step(backup(), advert(), 500).state;
    const resigned = step(heard, advert({ priority: 0 }), 900);
    expect(timerOf(resigned.actions, "master_down")).toBe(609.375);
    expect(ignored(step(resigned.state, advert({ priority: 0 }), 1000).actions)).toBe("resigned_before");
    const taken = step(resigned.state, timer("master_down", 1509.375), 1509.375);
    expect(sentence(taken.actions)).toContain("192.0.2.2 resigned (priority 0)");
  });

  test("priority 0 of another router says nothing about the master", () => {
    const heard = step(backup(), advert(), 500).state;
    expect(ignored(step(heard, advert({ source: "192.0.2.3", priority: 0 }), 600).actions)).toBe("other_resigned");
    const fresh = (preempt: "always" | "on_failure" | "never") =>
      step(play(router({ preempt }), [0, startup]).state, advert({ priority: 0 }), 100).actions;
    expect(timerOf(fresh("always"), "master_down")).toBe(609.375);
    for (const preempt of ["on_failure", "never"] as const) expect(ignored(fresh(preempt))).toBe("other_resigned");
  });

  test("version 3 learns the master's interval", () => {
    const { actions } = step(backup({ version: 3, advertMs: 100 }), advert({ advertMs: 400 }), 50);
    expect(timerOf(actions, "master_down")).toBe(3 * 400 + (156 * 400) / 256);
    expect(warnings(actions)).toContain("advert_interval_differs");
  });

  test("an inferior master does not restart the timer, and is displaced", () => {
    const heard = step(backup(), advert({ priority: 90 }), 500);
    expect(types(heard.actions)).toEqual(["ignored"]);
    const { state, actions } = step(heard.state, timer("master_down", 3609.375), 3609.375);
    expect(state.phase).toBe("master");
    expect(sentence(actions)).toContain("192.0.2.2 has priority 90, lower than 100");
  });

  test("nopreempt leaves it alone", () =>
    expect(timerOf(step(backup({ preempt: "never" }), advert({ priority: 1 }), 500).actions, "master_down")).toBe(
      3609.375,
    ));

  test("preempt_delay: first it is left alone, then it is not", () => {
    const heard = step(backup({ preemptDelayMs: 8000 }), advert({ priority: 90 }), 500);
    expect(types(heard.actions)).toEqual(["set_timer master_down", "set_timer preempt_delay"]);
    const again = step(heard.state, advert({ priority: 90 }), 1500);
    expect(types(again.actions)).toEqual(["set_timer master_down"]);
    const over = step(again.state, timer("preempt_delay", 8500), 8500);
    expect(types(step(over.state, advert({ priority: 90 }), 8600).actions)).toEqual(["ignored"]);
  });

  test("preempt_delay does not make anybody wait for a dead master", () => {
    const { state } = play(
      router({ preemptDelayMs: 60_000 }),
      [0, startup],
      [500, advert({ priority: 90 })],
      [4109.375, timer("master_down", 4109.375)],
    );
    expect(state.phase).toBe("master");
  });

  test("a superior master ends preempt_delay; the next inferior one starts it anew", () => {
    const { state, actions } = play(
      router({ preemptDelayMs: 8000 }),
      [0, startup],
      [500, advert({ priority: 90 })],
      [1500, advert({ priority: 110 })],
    );
    expect(types(actions)).toContain("cancel_timer preempt_delay");
    expect(types(step(state, advert({ priority: 90 }), 2500).actions)).toContain("set_timer preempt_delay");
  });

  test("after a stall the master gets one more interval, once", () => {
    const heard = step(backup(), advert(), 500).state;
    expect(step(heard, timer("master_down", 4109.375), 6000).state.phase).toBe("master");
    const late = step(heard, timer("master_down", 4109.375), 9000);
    expect(late.state.phase).toBe("backup");
    expect(warnings(late.actions)).toEqual(["stalled_backup"]);
    expect(step(late.state, advert(), 9100).state.gaveGrace).toBe(false);
    expect(step(late.state, timer("master_down", 12_609.375), 20_000).state.phase).toBe("master");
  });
});

test("a backup that was not run does not count its own silence", () => {
  const heard = step(backup(), advert(), 500).state;
  expect(ignored(step(heard, { type: "stalled", forMs: 1999 }, 2500).actions)).toBe("not_concerned");
  const { state, actions } = step(heard, { type: "stalled", forMs: 2000 }, 4200);
  expect(timerOf(actions, "master_down")).toBe(3609.375);
  expect(ignored(step(state, { type: "stalled", forMs: 5000 }, 9200).actions)).toBe("not_concerned");
});

describe("preempt on_failure", () => {
  const some = { preempt: "on_failure", basePriority: 90 } as const;
  const heard = step(backup(some), advert({ priority: 100 }), 500).state;
  const dropped = step(heard, advert({ priority: 80 }), 1500);

  test("a drop that it saw, below its own priority: it takes over", () => {
    expect(types(dropped.actions)).toEqual(["ignored"]);
    const { state, actions } = step(dropped.state, timer("master_down", 4148), 4148);
    expect(state.phase).toBe("master");
    expect(sentence(actions)).toContain("192.0.2.2 fell from priority 100 to 80, lower than 90 (preempt on_failure)");
  });

  test("a drop that is over does not count", () =>
    expect(types(step(dropped.state, advert({ priority: 100 }), 2500).actions)).toEqual(["set_timer master_down"]));

  test("a drop that stays above its own priority does not count", () =>
    expect(types(step(heard, advert({ priority: 95 }), 1500).actions)).toEqual(["set_timer master_down"]));

  test("one that did not see the drop waits", () =>
    expect(types(step(backup(some), advert({ priority: 80 }), 1500).actions)).toEqual(["set_timer master_down"]));

  test("another master with a lower priority is no drop", () =>
    expect(types(step(heard, advert({ source: "192.0.2.3", priority: 80 }), 1500).actions)).toEqual([
      "set_timer master_down",
    ]));

  test("a master that resigned and came back is known for nothing", () => {
    const resigned = step(heard, advert({ priority: 0 }), 1500).state;
    expect(types(step(resigned, advert({ priority: 80 }), 1600).actions)).toEqual(["set_timer master_down"]);
  });

  test("never back: the old master, recovered, waits", () => {
    const old = backup({ preempt: "on_failure", basePriority: 100 });
    const { state } = play(old, [500, advert({ priority: 90 })], [1500, advert({ priority: 90 })]);
    expect(state.preempting).toBeNull();
    expect(state.heartbeat).not.toBeNull();
  });

  test("its own priority fell: what it was about to do is judged again", () => {
    const { state, actions } = step(dropped.state, { type: "standing", standing: standing(80) }, 1600);
    expect(state.preempting).toBeNull();
    expect(timerOf(actions, "master_down")).toBe(3000 + (176 * 1000) / 256);
  });

  test("a healthy backup acts on a drop that it saw while it was not fit itself", () => {
    const unfit = step(heard, { type: "standing", standing: standing(70) }, 600).state;
    const { state } = play(
      unfit,
      [1500, advert({ priority: 80 })],
      [2000, { type: "standing", standing: standing(90) }],
    );
    expect(step(state, advert({ priority: 80 }), 2500).state.preempting).toBe("saw_drop");
  });
});

describe("as master (RFC 9568 6.4.3)", () => {
  test("advertises at its interval", () => {
    const { state, actions } = step(master(), timer("advert", 4609.375), 4609.375);
    expect(types(actions)).toEqual(["send_advert 100", "set_timer advert"]);
    expect(step(state, timer("advert", 5609.375), 5609.375).state).toBe(state);
  });

  test("priority 0 is answered at once", () =>
    expect(types(step(master(), advert({ priority: 0 }), 4000).actions)).toEqual([
      "send_advert 100",
      "set_timer advert",
    ]));

  test("a superior one makes it backup", () => {
    const { state, actions } = step(master(), advert({ priority: 101 }), 5000);
    expect(state.phase).toBe("backup");
    expect(types(actions)).toEqual([
      "cancel_timer advert",
      "stop_announcing",
      "remove_addresses",
      "set_timer master_down",
      "changed",
    ]);
    expect(sentence(actions)).toContain("192.0.2.2 has priority 101, higher than 100");
  });

  test("higher_prio_send_advert: one more advert before", () =>
    expect(types(step(master({ higherPrioSendAdvert: true }), advert({ priority: 101 }), 5000).actions)[0]).toBe(
      "send_advert 100",
    ));

  test.each([
    ["192.0.2.2", "backup"],
    ["192.0.2.10", "backup"],
    ["192.0.2.0", "master"],
  ])("equal priority from %s: %s", (source, phase) =>
    expect(step(master(), advert({ source }), 5000).state.phase).toBe(phase),
  );

  test("an inferior one is answered, announced over, and told of", () => {
    const { state, actions } = step(master(), advert({ priority: 90 }), 5000);
    expect(state.phase).toBe("master");
    expect(types(actions)).toEqual([
      "send_advert 100",
      "set_timer advert",
      "announce_over_rival",
      "lower_priority_received",
      "warn",
    ]);
    expect(warnings(actions)).toEqual(["second_master"]);
  });

  test("lower_prio_no_advert: not answered, but announced over", () =>
    expect(types(step(master({ lowerPrioNoAdvert: true }), advert({ priority: 90 }), 5000).actions)).toEqual([
      "announce_over_rival",
      "lower_priority_received",
      "warn",
    ]));

  test("answers come once an interval: two that both believe to be better are no storm", () => {
    const first = step(master(), advert({ priority: 90 }), 5000).state;
    expect(types(step(first, advert({ priority: 90 }), 5010).actions)).toEqual(["lower_priority_received"]);
    const other = step(first, advert({ source: "192.0.2.3", priority: 90 }), 5020);
    expect(types(other.actions)).toEqual(["lower_priority_received", "warn"]);
    expect(types(step(other.state, advert({ priority: 90 }), 6000).actions)).toContain("announce_over_rival");
  });

  test("one that does not give way is told of once", () => {
    let state = master();
    const told: string[] = [];
    for (let nowMs = 5000; nowMs < 25_000; nowMs += 1000) {
      const next = step(state, advert({ priority: 90 }), nowMs);
      state = next.state;
      told.push(...warnings(next.actions));
    }
    expect(told).toEqual(["second_master", "second_master_stays"]);
  });

  test("owner_ignore_adverts", () => {
    const owner = play(router({ basePriority: 255, ownerIgnoreAdverts: true }), [0, startup]).state;
    expect(ignored(step(owner, advert({ priority: 255 }), 100).actions)).toBe("owner");
  });

  test("its own address in an advert is another host's mistake", () =>
    expect(warnings(step(master(), advert({ source: "192.0.2.1", priority: 200 }), 100).actions)).toEqual([
      "own_address_used",
    ]));

  test("a fault: resigns, and gives everything back at once", () => {
    const { state, actions } = step(master(), { type: "standing", standing: fault }, 5000);
    expect(state.phase).toBe("fault");
    expect(types(actions)[0]).toBe("send_advert 0");
    expect(types(actions)).toContain("remove_addresses");
    expect(ignored(step(state, advert(), 5100).actions)).toBe("in_fault");
  });

  test("its priority goes into the next advert", () => {
    const { state, actions } = step(master(), { type: "standing", standing: standing(96) }, 5000);
    expect(types(actions)).toEqual(["priority_changed"]);
    expect(types(step(state, timer("advert", 5100), 5100).actions)[0]).toBe("send_advert 96");
  });
});

describe("a stall as master", () => {
  // Last advert at 3609.375, the next due a second later; others take over 3609.375 after the last.
  const stalled = (some: Parameters<typeof router>[0], nowMs: number) =>
    step(master(some), timer("advert", 4609.375), nowMs);

  test("shorter than others need to notice: goes on, and says so", () => {
    const { state, actions } = stalled({}, 7218);
    expect(state.phase).toBe("master");
    expect(warnings(actions)).toEqual(["late"]);
  });

  test("longer: resigns, and answers for its addresses until it knows of a successor", () => {
    const { state, actions } = stalled({}, 7219);
    expect(state.phase).toBe("leaving");
    expect(types(actions)[0]).toBe("send_advert 0");
    expect(types(actions)).not.toContain("remove_addresses");
    expect(timerOf(actions, "handover")).toBe(handoverMs({ version: 3, advertMs: 1000 }) + 1000);
    expect(warnings(actions)).toEqual(["stalled_master"]);
    expect(ignored(step(state, { type: "stalled", forMs: 2610 }, 7219).actions)).toBe("not_concerned");
  });

  test("nobody noticed: it stays master, and never was anything else", () => {
    const { state, actions } = step(stalled({}, 7219).state, timer("handover", 9265), 9265);
    expect(state.phase).toBe("master");
    expect(types(actions)).toEqual(["send_advert 100", "announce", "set_timer advert", "warn"]);
    expect(warnings(actions)).toEqual(["stall_unanswered"]);
  });

  test("somebody did: it gives its addresses back, and takes its turn", () => {
    const { state, actions } = step(stalled({}, 7219).state, advert({ priority: 90 }), 7220);
    expect(state).toMatchObject({ phase: "backup", master: { priority: 90 }, yields: false });
    expect(types(actions)).toContain("remove_addresses");
    expect(types(actions)).not.toContain("send_advert 0");
    expect(sentence(actions)).toContain("it was not run for 3610 ms, others may have taken over after 3609 ms");
    expect(timerOf(actions, "master_down")).toBe(609.375);
    expect(step(state, timer("master_down", 7829.375), 7830).state.phase).toBe("master");
  });

  test("somebody better did: it waits for that one to go", () => {
    const { state, actions } = step(stalled({}, 7219).state, advert({ priority: 200 }), 7220);
    expect(state).toMatchObject({ phase: "backup", master: { priority: 200 } });
    expect(actions.filter(({ type }) => type === "set_timer").at(-1)).toMatchObject({ afterMs: 3609.375 });
  });

  test("told to go meanwhile, it yields to its successor", () => {
    const told = step(stalled({}, 7219).state, { type: "failover" }, 7300).state;
    expect(step(told, advert({ priority: 90 }), 7400).state).toMatchObject({ phase: "backup", yields: true });
  });

  test("another one that stood still resigns, too: the better one of both comes first, and nobody else answers", () => {
    const { state, actions } = step(stalled({}, 7219).state, advert({ priority: 0 }), 7220);
    expect(state.phase).toBe("backup");
    expect(types(actions)).toContain("remove_addresses");
    expect(timerOf(actions, "master_down")).toBe(609.375);
  });

  test("stopped meanwhile, it hands over", () => {
    const stopping = step(stalled({}, 7219).state, shutdown("after_takeover"), 7300).state;
    expect(step(stopping, advert({ priority: 90 }), 7400).state.phase).toBe("stopped");
  });

  test("in a sync group it gives them back at once: one member may not decide", () =>
    expect(stalled({ syncGroup: "G" }, 7219).state.phase).toBe("backup"));

  test.each([{ preempt: "never" }, { preempt: "on_failure" }, { timerExpiredBackup: { bestPriority: null } }] as const)(
    "where the successor is not to be displaced it listens for a whole interval: %j",
    (some) => expect(timerOf(stalled(some, 9000).actions, "master_down")).toBe(3609.375),
  );

  test("timer_expired_backup knows the best of the others", () =>
    expect(stalled({ timerExpiredBackup: { bestPriority: 254 } }, 6618).state.phase).toBe("backup"));

  test("an owner goes on and announces again", () => {
    const owner = play(router({ basePriority: 255 }), [0, startup]).state;
    const { state, actions } = step(owner, timer("advert", 1000), 60_000);
    expect(state.phase).toBe("master");
    expect(types(actions)).toEqual(["send_advert 255", "set_timer advert", "announce", "warn"]);
  });
});

describe("an end", () => {
  test("resigns, and answers until the successor speaks", () => {
    const leaving = step(master(), shutdown("after_takeover"), 5000);
    expect(leaving.state.phase).toBe("leaving");
    expect(types(leaving.actions)).toEqual([
      "send_advert 0",
      "cancel_timer advert",
      "stop_announcing",
      "set_timer handover",
    ]);
    const { state, actions } = step(leaving.state, advert({ priority: 90 }), 5700);
    expect(state.phase).toBe("stopped");
    expect(types(actions)).toEqual(["cancel_timer handover", "remove_addresses", "changed"]);
    expect(sentence(actions)).toBe("vrrp VI_1 master -> stopped after 2.1 s: handed over to 192.0.2.2");
  });

  test("or until it is clear that nobody comes", () => {
    const leaving = step(master(), shutdown("after_takeover"), 5000).state;
    const { state, actions } = step(leaving, timer("handover", 6046), 6046);
    expect(state.phase).toBe("stopped");
    expect(types(actions)).toContain("remove_addresses");
    expect(sentence(actions)).toContain("resigned, and nobody took over within 1046 ms");
  });

  test("at once if so wanted; never (-V) keeps the addresses, and nobody is told", () => {
    expect(types(step(master(), shutdown("now"), 5000).actions)).toContain("remove_addresses");
    const kept = types(step(master(), shutdown("never"), 5000).actions);
    expect(kept).not.toContain("send_advert 0");
    expect(kept).not.toContain("remove_addresses");
  });
});

describe("failover by an operator", () => {
  const handed = play(master(), [5000, { type: "failover" }], [5700, advert({ priority: 90 })]);

  test("hands over, and does not take back from a healthy successor", () => {
    expect(handed.state).toMatchObject({ phase: "backup", yields: true });
    expect(types(step(handed.state, advert({ priority: 90 }), 6700).actions)).toEqual(["set_timer master_down"]);
  });

  test("to nobody: stays master, and its addresses never went", () => {
    const leaving = step(master(), { type: "failover" }, 5000).state;
    const { state, actions } = step(leaving, timer("handover", 6046), 6046);
    expect(state).toMatchObject({ phase: "master", yields: false });
    expect(types(actions)).toEqual(["send_advert 100", "announce", "set_timer advert", "warn"]);
    expect(types(step(state, timer("advert", 7046), 7046).actions)).toEqual(["send_advert 100", "set_timer advert"]);
  });

  test("takes back from one that dies or whose priority falls", () => {
    expect(step(handed.state, timer("master_down", 9309.375), 9309.375).state).toMatchObject({
      phase: "master",
      yields: false,
    });
    expect(step(handed.state, advert({ priority: 85 }), 6700).state.preempting).toBe("saw_drop");
  });

  test("not run while it waits for its successor: it may have missed it, and listens", () => {
    const leaving = step(master({ preempt: "never" }), { type: "failover" }, 5000).state;
    expect(step(leaving, timer("handover", 6046), 60_000).state).toMatchObject({ phase: "backup", yields: true });
  });

  test("is nothing for a backup or an owner", () => {
    expect(ignored(step(backup(), { type: "failover" }, 5000).actions)).toBe("not_master");
    const owner = play(router({ basePriority: 255 }), [0, startup]).state;
    expect(ignored(step(owner, { type: "failover" }, 100).actions)).toBe("owner");
  });
});

test("timers that are not wanted any more change nothing", () => {
  for (const state of [router(), backup(), master(), step(master(), shutdown("now"), 5000).state]) {
    for (const name of ["advert", "master_down", "preempt_delay", "startup", "handover"] as const) {
      const wanted =
        { initialize: ["startup"], backup: ["master_down"], master: ["advert"] }[state.phase as string] ?? [];
      if (wanted.includes(name)) continue;
      expect(step(state, timer(name, 5000), 5000)).toEqual({
        state,
        actions: [{ type: "ignored", reason: "not_concerned" }],
      });
    }
  }
});
