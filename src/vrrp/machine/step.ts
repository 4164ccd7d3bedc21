import type { Action } from "./action.ts";
import { backupHears, backupStalled, masterDown, preemptDelayOver, reconsider } from "./backup.ts";
import {
  begin,
  enterBackup,
  enterFault,
  enterLeaving,
  enterMaster,
  enterStopped,
  masterHeartbeat,
  resign,
  stayMaster,
} from "./enter.ts";
import type { Advert, RouterEvent, TimerName } from "./event.ts";
import { advertDue, backupAfterStall, masterHears, silenceLimitMs } from "./master.ts";
import type { Phase } from "./phase.ts";
import type { IgnoreReason, TransitionReason } from "./reason.ts";
import { OWNER_PRIORITY, RESIGNING_PRIORITY } from "./settings.ts";
import type { Standing } from "./standing.ts";
import type { RouterState } from "./state.ts";
import { ignore, keep, type Step } from "./step-result.ts";

type EventOf<T extends RouterEvent["type"]> = Extract<RouterEvent, { readonly type: T }>;
type Transition<E> = (state: RouterState, event: E, nowMs: number) => Step;
type OnTimer = (state: RouterState, dueMs: number, nowMs: number) => Step;

/** What a phase makes of each event. A timer without an entry fired when it was no longer wanted. */
interface Row {
  readonly startup: Transition<EventOf<"startup">>;
  readonly shutdown: Transition<EventOf<"shutdown">>;
  readonly failover: Transition<EventOf<"failover">>;
  readonly advert: Transition<Advert>;
  readonly stalled: Transition<EventOf<"stalled">>;
  readonly standing: Transition<Standing>;
  readonly group_master: Transition<EventOf<"group_master">>;
  readonly group_backup: Transition<EventOf<"group_backup">>;
  readonly timers: { readonly [T in TimerName]?: OnTimer };
}

const not = (reason: IgnoreReason) => (state: RouterState) => ignore(state, reason);

/** RFC 9568 section 6.4, for version 2 RFC 3768 section 6.4; FAULT and STOP are keepalived's, leaving is ours. */
const transitions: { readonly [P in Phase]: Row } = {
  initialize: {
    startup: start, // 6.4.1
    shutdown: (s, _, nowMs) => enterStopped(s, { kind: "shutdown" }, nowMs, false),
    failover: not("not_master"),
    advert: not("not_started"),
    stalled: not("not_concerned"),
    standing: (s, standing) => assessed(s, standing),
    group_master: (s, _, nowMs) => enterMaster(s, { kind: "group_joined", group: groupOf(s) }, nowMs),
    group_backup: not("not_started"),
    timers: { startup: (s, _, nowMs) => begin(s, { kind: "started" }, nowMs) }, // 6.4.1
  },
  backup: {
    startup: not("not_concerned"),
    shutdown: (s, _, nowMs) => enterStopped(s, { kind: "shutdown" }, nowMs, false), // 6.4.2
    failover: not("not_master"),
    advert: backupHears, // 6.4.2
    stalled: (s, { forMs }) => backupStalled(s, forMs),
    standing: (s, standing, nowMs) => orFault(reconsidered(assessed(s, standing), nowMs), nowMs),
    group_master: (s, _, nowMs) => enterMaster(s, groupMaster(s), nowMs),
    group_backup: not("not_concerned"),
    timers: { master_down: masterDown, preempt_delay: preemptDelayOver }, // 6.4.2
  },
  master: {
    startup: not("not_concerned"),
    shutdown: (
      s,
      { release },
      nowMs, // 6.4.3
    ) =>
      release === "after_takeover"
        ? enterLeaving(s, "stopped", nowMs)
        : enterStopped(s, { kind: "shutdown" }, nowMs, release === "never"),
    failover: (s, _, nowMs) =>
      s.standing.priority === OWNER_PRIORITY ? ignore(s, "owner") : enterLeaving(s, "backup", nowMs),
    advert: masterHears, // 6.4.3
    stalled: not("not_concerned"),
    standing: (s, standing, nowMs) => orFault(beating(assessed(s, standing)), nowMs),
    group_master: not("not_concerned"),
    group_backup: (s, { member, because }, nowMs) =>
      enterBackup(s, groupBackup(s, member, because), nowMs, { farewell: [resign] }),
    timers: { advert: advertDue }, // 6.4.3
  },
  leaving: {
    startup: not("leaving"),
    shutdown: (s, { release }, nowMs) =>
      release === "after_takeover"
        ? keep({ ...s, leavesTo: "stopped" })
        : enterStopped(s, { kind: "shutdown" }, nowMs, release === "never"),
    // After a stall: from now on it goes because it is told to.
    failover: (s) => (s.stall === null ? ignore(s, "leaving") : keep({ ...s, stall: null })),
    advert: handedOver,
    stalled: not("not_concerned"),
    standing: (s, standing, nowMs) => orFault(assessed(s, standing), nowMs),
    group_master: not("leaving"),
    group_backup: not("leaving"),
    timers: {
      handover: unanswered,
    },
  },
  fault: {
    startup: not("in_fault"),
    shutdown: (s, _, nowMs) => enterStopped(s, { kind: "shutdown" }, nowMs, false),
    failover: not("not_master"),
    advert: not("in_fault"),
    stalled: not("not_concerned"),
    standing: (s, standing, nowMs) => recovered(s, standing, nowMs),
    group_master: not("in_fault"),
    group_backup: not("in_fault"),
    timers: {},
  },
  stopped: {
    startup: start,
    shutdown: not("stopped"),
    failover: not("not_master"),
    advert: not("stopped"),
    stalled: not("not_concerned"),
    standing: (s, standing) => assessed(s, standing),
    group_master: not("stopped"),
    group_backup: not("stopped"),
    timers: {},
  },
};

/**
 * The router after an event at `nowMs` (monotonic), and what has to be done. In the hot case, an advert of the master
 * that says what its last one said, it costs one small object.
 */
export function step(state: RouterState, event: RouterEvent, nowMs: number): Step {
  const row = transitions[state.phase];
  switch (event.type) {
    case "advert":
      return row.advert(state, event, nowMs);
    case "timer":
      return row.timers[event.timer]?.(state, event.dueMs, nowMs) ?? ignore(state, "not_concerned");
    case "stalled":
      return row.stalled(state, event, nowMs);
    case "standing":
      return row.standing(state, event.standing, nowMs);
    case "source_address":
      return keep({ ...state, sourceAddress: event.address });
    case "startup":
      return row.startup(state, event, nowMs);
    case "shutdown":
      return row.shutdown(state, event, nowMs);
    case "failover":
      return row.failover(state, event, nowMs);
    case "group_master":
      return row.group_master(state, event, nowMs);
    case "group_backup":
      return row.group_backup(state, event, nowMs);
  }
}

/** Startup (6.4.1). A process that comes back in time goes on where the one before it ended. */
function start(state: RouterState, { delayMs, resumedAfterMs }: EventOf<"startup">, nowMs: number): Step {
  const fresh: RouterState = { ...state, phase: "initialize" };
  const limitMs = silenceLimitMs(state.settings, state.standing.priority);
  if (resumedAfterMs !== null && resumedAfterMs < limitMs && state.standing.faults.length === 0) {
    return enterMaster(fresh, { kind: "resumed", silentMs: resumedAfterMs, limitMs }, nowMs);
  }
  if (delayMs <= 0) return begin(fresh, { kind: "started" }, nowMs);
  return keep({ ...fresh, because: { kind: "start_delayed", delayMs } }, [
    { type: "set_timer", timer: "startup", afterMs: delayMs },
  ]);
}

/** Priority and faults are others; what follows for the phase is the caller's. */
function assessed(state: RouterState, standing: Standing): Step {
  const { priority: from } = state.standing;
  const { priority: to, basePriority, contributions } = standing;
  const instance = state.settings.name;
  const actions: readonly Action[] =
    from === to ? [] : [{ type: "priority_changed", change: { instance, from, to, basePriority, contributions } }];
  return keep({ ...state, standing, heartbeat: null }, actions);
}

function beating({ state, actions }: Step): Step {
  return keep({ ...state, heartbeat: masterHeartbeat(state) }, actions);
}

function reconsidered({ state, actions }: Step, nowMs: number): Step {
  const again = reconsider(state, nowMs);
  return keep(again.state, [...actions, ...again.actions]);
}

function orFault({ state, actions }: Step, nowMs: number): Step {
  if (state.standing.faults.length === 0) return keep(state, actions);
  const fault =
    state.phase === "leaving" && state.leavesTo === "stopped"
      ? enterStopped(state, { kind: "shutdown" }, nowMs, false)
      : enterFault(state, nowMs);
  return keep(fault.state, [...actions, ...fault.actions]);
}

function recovered(state: RouterState, standing: Standing, nowMs: number): Step {
  const { state: next, actions } = assessed(state, standing);
  if (standing.faults.length > 0) return keep(next, actions);
  const begun = begin(next, { kind: "faults_cleared" }, nowMs);
  return keep(begun.state, [...actions, ...begun.actions]);
}

/** The successor speaks: nobody has to answer for the addresses any more. After a stall it is heard as by any backup. */
function handedOver(state: RouterState, advert: Advert, nowMs: number): Step {
  if (advert.source === state.sourceAddress) return ignore(state, "leaving");
  const resigns = advert.priority === RESIGNING_PRIORITY;
  if (state.stall !== null && state.leavesTo === "backup") {
    const backup = backupAfterStall(state, state.stall, nowMs);
    // Somebody was master meanwhile, and does not know either: the better of the two comes first.
    if (resigns) return backup;
    const heard = backupHears(backup.state, advert, nowMs);
    return keep(heard.state, [...backup.actions, ...heard.actions]);
  }
  if (resigns) return ignore(state, "leaving");
  return leave(state, { kind: "handed_over", to: advert.source }, advert, nowMs);
}

/** A failover to nobody ends where it began, and so does a stall that nobody noticed. One member of a sync group may not decide that: the group listens, as backup. */
function unanswered(state: RouterState, dueMs: number, nowMs: number): Step {
  const waitedMs = nowMs - state.leavingSinceMs;
  const { leavesTo, stall, settings, standing } = state;
  // Told to go, and not run since: the successor may have been missed.
  const isSure = stall !== null || nowMs - dueMs < silenceLimitMs(settings, standing.priority);
  if (leavesTo === "backup" && settings.syncGroup === null && isSure) return stayMaster(state, waitedMs);
  if (leavesTo === "backup" && stall !== null) return backupAfterStall(state, stall, nowMs);
  return leave(state, { kind: "handover_unanswered", waitedMs }, null, nowMs);
}

function leave(state: RouterState, because: TransitionReason, successor: Advert | null, nowMs: number): Step {
  if (state.leavesTo === "stopped") return enterStopped(state, because, nowMs, false);
  if (successor === null) return enterBackup(state, because, nowMs, { yields: true });
  const { source: address, priority, advertMs } = successor;
  const master = { address, priority, highestPriority: priority, advertMs, sinceMs: nowMs, resigned: false };
  return enterBackup(state, because, nowMs, { yields: true, master });
}

function groupMaster(state: RouterState): TransitionReason {
  return { kind: "group_master", group: groupOf(state), because: state.claim ?? state.because };
}

function groupBackup(state: RouterState, member: string, because: TransitionReason): TransitionReason {
  return { kind: "group_backup", group: groupOf(state), member, because };
}

function groupOf({ settings }: RouterState): string {
  return settings.syncGroup ?? settings.name;
}
