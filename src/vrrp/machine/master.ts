import type { Action } from "./action.ts";
import { announceAsMaster, announceOverRival } from "./announce-plan.ts";
import { compareAddresses } from "./compare-addresses.ts";
import { type BackupEntry, enterBackup, enterLeaving, masterHeartbeat, resign } from "./enter.ts";
import type { Advert } from "./event.ts";
import type { TransitionReason } from "./reason.ts";
import { OWNER_PRIORITY, RESIGNING_PRIORITY, type RouterSettings } from "./settings.ts";
import type { Rival, RouterState, Stall } from "./state.ts";
import { ignore, keep, type Step } from "./step-result.ts";
import { masterDownMs, skewMs } from "./timing.ts";

/** An advert as master (RFC 9568 section 6.4.3). */
export function masterHears(state: RouterState, advert: Advert, nowMs: number): Step {
  const { settings, standing, sourceAddress } = state;
  const { source, priority, advertMs } = advert;
  if (source === sourceAddress) {
    return keep(state, [
      { type: "ignored", reason: "own_address" },
      { type: "warn", warning: { kind: "own_address_used", address: source } },
    ]);
  }
  if (settings.ownerIgnoreAdverts && standing.priority === OWNER_PRIORITY) return ignore(state, "owner");
  if (priority === RESIGNING_PRIORITY) return keep(state, state.heartbeat ?? masterHeartbeat(state));
  const because = defeat(state, advert);
  if (because === null) return outranks(state, advert, nowMs);
  const farewell: readonly Action[] = settings.higherPrioSendAdvert
    ? [{ type: "send_advert", priority: standing.priority }]
    : [];
  const master = { address: source, priority, highestPriority: priority, advertMs, sinceMs: nowMs, resigned: false };
  return enterBackup(state, because, nowMs, { master, farewell });
}

/** Time for an advert, or late for it (RFC 9568 section 6.4.3). */
export function advertDue(state: RouterState, dueMs: number, nowMs: number): Step {
  const { settings, standing } = state;
  const heartbeat = state.heartbeat ?? masterHeartbeat(state);
  const lateMs = nowMs - dueMs;
  // Whatever the limit is: with down_timer_adverts 1 any timer that is a little late would be above it.
  if (lateMs < settings.advertMs) return keep(state, heartbeat);
  const silentMs = settings.advertMs + lateMs;
  const limitMs = silenceLimitMs(settings, standing.priority);
  if (silentMs < limitMs) {
    return keep(state, [...heartbeat, { type: "warn", warning: { kind: "late", timer: "advert", lateMs } }]);
  }
  if (standing.priority === OWNER_PRIORITY) {
    return keep(state, [
      ...heartbeat,
      { type: "announce", plan: announceAsMaster(settings.garp, "stalled") },
      { type: "warn", warning: { kind: "stalled_owner", silentMs } },
    ]);
  }
  return resignAfterStall(state, { kind: "stalled", silentMs, limitMs }, nowMs);
}

/**
 * For how long a master may have been silent and still go on: the earliest backup whose priority is not above its own
 * takes over after this master-down interval. `timer_expired_backup` knows the best priority of the others.
 */
export function silenceLimitMs(settings: RouterSettings, priority: number): number {
  return masterDownMs(settings, settings.timerExpiredBackup?.bestPriority ?? priority, settings.advertMs);
}

/**
 * It was not master all along, as far as it can know. It resigns: a successor answers at once, other backups come
 * within their skew time. Until then it answers for its addresses, and stays master if nobody comes: on a busy machine
 * with short intervals giving them back and taking them again would be the next stall. Where a successor must not be
 * displaced, with timer_expired_backup, and in a sync group, it gives them back and waits for a whole interval or, in a
 * group, its skew time: one lost answer must not be enough.
 */
function resignAfterStall(state: RouterState, stall: Stall, nowMs: number): Step {
  if (!mayDisplace(state) || state.settings.syncGroup !== null) return backupAfterStall(state, stall, nowMs);
  const { silentMs, limitMs } = stall;
  const { state: leaving, actions } = enterLeaving(state, "backup", nowMs, stall);
  return keep(leaving, [...actions, { type: "warn", warning: { kind: "stalled_master", silentMs, limitMs } }]);
}

/** As one that was never master; it takes the addresses again as any other would. */
export function backupAfterStall(state: RouterState, stall: Stall, nowMs: number): Step {
  const { settings, standing } = state;
  const entry: BackupEntry = mayDisplace(state)
    ? { waitMs: skewMs(settings.version, standing.priority, settings.advertMs) }
    : {};
  const farewell = state.phase === "master" ? [resign] : [];
  const { state: backup, actions } = enterBackup(state, stall, nowMs, { ...entry, farewell });
  // What it waits is for the stall that made it resign: the same one gives no more.
  return keep({ ...backup, gaveGrace: true }, actions);
}

function mayDisplace({ settings }: RouterState): boolean {
  return settings.preempt === "always" && settings.timerExpiredBackup === null;
}

/** Why this master has to give way to the sender, null if it has not to. */
function defeat({ standing, sourceAddress }: RouterState, { source, priority }: Advert): TransitionReason | null {
  const ownPriority = standing.priority;
  if (priority > ownPriority) return { kind: "superior", address: source, priority, ownPriority };
  if (priority < ownPriority) return null;
  if (sourceAddress !== null && compareAddresses(source, sourceAddress) < 0) return null;
  return { kind: "greater_address", address: source, priority, own: sourceAddress ?? "none" };
}

/**
 * The other one is to give way. RFC 9568 section 6.4.3 answers at once, which also sets switches right; RFC 3768 and
 * lower_prio_no_advert wait for the timer.
 */
function outranks(state: RouterState, advert: Advert, nowMs: number): Step {
  const { settings, standing } = state;
  const { source: address, priority, advertMs } = advert;
  const before = state.rival?.address === address ? state.rival : null;
  const adverts = (before?.adverts ?? 0) + 1;
  const forMs = before === null ? 0 : nowMs - before.sinceMs;
  const stays = forMs > 2 * masterDownMs(settings, standing.priority, Math.max(advertMs, settings.advertMs));
  // Once an interval, whoever it is: two routers that both believe to be the better one must not answer each other for ever.
  const answers = state.rival === null || nowMs - state.rival.answeredMs >= settings.advertMs;
  const rounds = answers ? announceOverRival(settings.garp) : null;
  const rival: Rival = {
    address,
    sinceMs: before?.sinceMs ?? nowMs,
    adverts,
    answeredMs: answers || state.rival === null ? nowMs : state.rival.answeredMs,
    reportedToStay: stays,
  };
  const actions: Action[] =
    settings.lowerPrioNoAdvert || !answers ? [] : [...(state.heartbeat ?? masterHeartbeat(state))];
  if (rounds !== null) actions.push({ type: "announce_over_rival", rounds });
  actions.push({ type: "lower_priority_received", advert: { source: address, priority, advertMs } });
  if (before === null) {
    const ownPriority = standing.priority;
    actions.push({ type: "warn", warning: { kind: "second_master", address, priority, ownPriority } });
  }
  if (stays && !before?.reportedToStay) {
    actions.push({ type: "warn", warning: { kind: "second_master_stays", address, priority, forMs, adverts } });
  }
  return keep({ ...state, rival }, actions);
}
