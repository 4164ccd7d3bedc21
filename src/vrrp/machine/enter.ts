import type { Action } from "./action.ts";
import { announceAsMaster } from "./announce-plan.ts";
import type { Phase } from "./phase.ts";
import type { TransitionReason } from "./reason.ts";
import { OWNER_PRIORITY, RESIGNING_PRIORITY } from "./settings.ts";
import { type MasterSeen, noMemory, type RouterState, type Stall } from "./state.ts";
import { keep, type Step } from "./step-result.ts";
import { handoverMs, masterDownMs } from "./timing.ts";

/** A router begins, or begins again after a fault (RFC 9568 section 6.4.1). */
export function begin(state: RouterState, because: TransitionReason, nowMs: number): Step {
  if (state.standing.faults.length > 0) return enterFault(state, nowMs);
  const backup = enterBackup(state, because, nowMs, {});
  if (state.standing.priority !== OWNER_PRIORITY) return backup;
  if (state.settings.syncGroup === null) return enterMaster(state, { kind: "owner" }, nowMs);
  const claim = claimMaster(backup.state, { kind: "owner" }, nowMs);
  return keep(claim.state, [...backup.actions, ...claim.actions]);
}

/** It is this router's turn: alone at once, in a sync group when it is every member's. */
export function claimMaster(state: RouterState, because: TransitionReason, nowMs: number): Step {
  if (state.settings.syncGroup === null) return enterMaster(state, because, nowMs);
  return keep({ ...state, claim: because, heartbeat: null }, [{ type: "claim" }]);
}

/** Advert first: other backups wait no longer than they must (RFC 9568 sections 6.4.1 and 6.4.2). */
export function enterMaster(state: RouterState, because: TransitionReason, nowMs: number): Step {
  const heartbeat = masterHeartbeat(state);
  return change(state, "master", because, nowMs, { heartbeat }, [
    { type: "send_advert", priority: state.standing.priority },
    ...relinquish(state.phase),
    { type: "add_addresses" },
    { type: "announce", plan: announceAsMaster(state.settings.garp, "became_master") },
    { type: "set_timer", timer: "advert", afterMs: state.settings.advertMs },
  ]);
}

/** What the advert timer of a master asks for (RFC 9568 section 6.4.3). */
export function masterHeartbeat({ settings, standing }: RouterState): readonly Action[] {
  return [
    { type: "send_advert", priority: standing.priority },
    { type: "set_timer", timer: "advert", afterMs: settings.advertMs },
  ];
}

export interface BackupEntry {
  /** Until this router takes over; default: as if a master with its own advert interval had just been heard. */
  readonly waitMs?: number;
  readonly master?: MasterSeen | null;
  readonly yields?: boolean;
  /** Last words of a master. */
  readonly farewell?: readonly Action[];
}

export function enterBackup(state: RouterState, because: TransitionReason, nowMs: number, entry: BackupEntry): Step {
  const { settings, standing } = state;
  const { master = null, yields = false, farewell = [] } = entry;
  const afterMs = entry.waitMs ?? masterDownMs(settings, standing.priority, master?.advertMs ?? settings.advertMs);
  return change(state, "backup", because, nowMs, { master, yields }, [
    ...farewell,
    ...relinquish(state.phase),
    { type: "set_timer", timer: "master_down", afterMs },
  ]);
}

/** keepalived's FAULT: takes no part until all faults are gone. A master says so, and gives everything back at once. */
export function enterFault(state: RouterState, nowMs: number): Step {
  const because: TransitionReason = { kind: "fault", faults: state.standing.faults };
  return change(state, "fault", because, nowMs, {}, [
    ...(state.phase === "master" ? [resign] : []),
    ...relinquish(state.phase),
  ]);
}

/**
 * A master that goes resigns, but answers for its addresses until it hears its successor, or until the slowest successor
 * would have come: nobody is left without an answer in between.
 */
export function enterLeaving(
  state: RouterState,
  leavesTo: RouterState["leavesTo"],
  nowMs: number,
  stall: Stall | null = null,
): Step {
  const next: RouterState = { ...state, ...noMemory, phase: "leaving", leavesTo, leavingSinceMs: nowMs, stall };
  // Who may become master again must not do so while a successor's first advert is on its way.
  const graceMs = leavesTo === "backup" ? state.settings.advertMs : 0;
  return keep(next, [
    resign,
    ...cancelled("advert"),
    { type: "stop_announcing" },
    { type: "set_timer", timer: "handover", afterMs: handoverMs(state.settings) + graceMs },
  ]);
}

/** A master that has resigned and was not followed: it never stopped answering for its addresses, and is heard again. */
export function stayMaster(state: RouterState, waitedMs: number): Step {
  const next: RouterState = { ...state, ...noMemory, phase: "master", heartbeat: masterHeartbeat(state) };
  return keep(next, [
    { type: "send_advert", priority: state.standing.priority },
    { type: "announce", plan: announceAsMaster(state.settings.garp, "became_master") },
    { type: "set_timer", timer: "advert", afterMs: state.settings.advertMs },
    { type: "warn", warning: { kind: state.stall === null ? "failover_unanswered" : "stall_unanswered", waitedMs } },
  ]);
}

export function enterStopped(
  state: RouterState,
  because: TransitionReason,
  nowMs: number,
  keepsAddresses: boolean,
): Step {
  return change(state, "stopped", because, nowMs, {}, [
    // Who keeps the addresses may be back before anybody else needs to have them.
    ...(state.phase === "master" && !keepsAddresses ? [resign] : []),
    ...relinquish(state.phase).filter(({ type }) => !(keepsAddresses && type === "remove_addresses")),
  ]);
}

export const resign: Action = { type: "send_advert", priority: RESIGNING_PRIORITY };

/** What a router no longer does once it has left a phase. */
function relinquish(phase: Phase): readonly Action[] {
  switch (phase) {
    case "initialize":
      return cancelled("startup");
    case "backup":
      return cancelled("master_down", "preempt_delay");
    case "master":
      return [...cancelled("advert"), { type: "stop_announcing" }, { type: "remove_addresses" }];
    case "leaving":
      return [...cancelled("handover"), { type: "remove_addresses" }];
    case "fault":
    case "stopped":
      return [];
  }
}

function cancelled(...timers: readonly Extract<Action, { type: "cancel_timer" }>["timer"][]): readonly Action[] {
  return timers.map((timer) => ({ type: "cancel_timer", timer }));
}

function change(
  state: RouterState,
  phase: Phase,
  because: TransitionReason,
  nowMs: number,
  memory: Partial<RouterState>,
  actions: readonly Action[],
): Step {
  // While it leaves it counts as the master it was.
  const from = state.phase === "leaving" ? "master" : state.phase;
  const next: RouterState = { ...state, ...noMemory, ...memory, phase, because, sinceMs: nowMs };
  const lastedMs = nowMs - state.sinceMs;
  const { name: instance } = state.settings;
  const { priority } = state.standing;
  return keep(next, [
    ...actions,
    { type: "changed", change: { instance, from, to: phase, lastedMs, priority, because } },
  ]);
}
