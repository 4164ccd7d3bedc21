import type { Action } from "./action.ts";
import { claimMaster } from "./enter.ts";
import type { Advert } from "./event.ts";
import type { TransitionReason, Warning } from "./reason.ts";
import { OWNER_PRIORITY, RESIGNING_PRIORITY } from "./settings.ts";
import type { MasterSeen, RouterState } from "./state.ts";
import { ignore, keep, type Step } from "./step-result.ts";
import { masterDownMs, skewMs } from "./timing.ts";

/** An advert as backup (RFC 9568 section 6.4.2). */
export function backupHears(state: RouterState, advert: Advert, nowMs: number): Step {
  const known = state.master;
  if (
    state.heartbeat !== null &&
    known !== null &&
    advert.priority === known.priority &&
    advert.advertMs === known.advertMs &&
    advert.source === known.address
  ) {
    return keep(state, state.heartbeat);
  }
  if (advert.source === state.sourceAddress) return ignore(state, "own_address");
  if (advert.priority === RESIGNING_PRIORITY) return masterResigns(state, advert, nowMs);
  const master = masterOf(advert, known, nowMs);
  const heard: RouterState = { ...state, master, heartbeat: null };
  return judge(heard, master, newsOf(state, advert), nowMs);
}

/** The master's silence lasted (RFC 9568 section 6.4.2). */
export function masterDown(state: RouterState, dueMs: number, nowMs: number): Step {
  const { settings, standing, master } = state;
  const lateMs = nowMs - dueMs;
  const intervalMs = masterDownMs(settings, standing.priority, master?.advertMs ?? settings.advertMs);
  if (isOwnSilence(state, lateMs)) return grace(state, lateMs);
  const claim = claimMaster(state, reasonOf(state, intervalMs + lateMs), nowMs);
  if (lateMs < settings.advertMs) return claim;
  return keep(claim.state, [...claim.actions, warn({ kind: "late", timer: "master_down", lateMs })]);
}

/** This machine, not the master, may have been silent (no section of the RFC: it knows no stalls). */
export function backupStalled(state: RouterState, forMs: number): Step {
  return isOwnSilence(state, forMs) ? grace(state, forMs) : ignore(state, "not_concerned");
}

/** So many adverts lost are enough for the timer to run out although the master lives. */
function isOwnSilence({ settings, master, gaveGrace, claim }: RouterState, stallMs: number): boolean {
  if (gaveGrace || claim !== null) return false;
  return stallMs >= Math.max(1, settings.downTimerAdverts - 1) * (master?.advertMs ?? settings.advertMs);
}

/** The master gets one more interval: one, or a busy machine would never take over. */
function grace(state: RouterState, stallMs: number): Step {
  const { settings, standing, master } = state;
  const waitMs = masterDownMs(settings, standing.priority, master?.advertMs ?? settings.advertMs);
  return keep({ ...state, gaveGrace: true, heartbeat: null }, [
    { type: "set_timer", timer: "master_down", afterMs: waitMs },
    warn({ kind: "stalled_backup", stallMs, waitMs }),
  ]);
}

/** preempt_delay is over: the next advert of an inferior master does not count any more. */
export function preemptDelayOver(state: RouterState): Step {
  if (state.preemptDelay !== "running") return ignore(state, "not_concerned");
  return keep({ ...state, preemptDelay: "over", heartbeat: null });
}

/** Its own priority changed: a master that it was about to displace may have become one to wait for. */
export function reconsider(state: RouterState, nowMs: number): Step {
  if (state.preempting === null || state.master === null) return keep(state);
  const judged = judge(state, state.master, [], nowMs);
  return judged.state.preempting === null ? judged : keep(state);
}

function judge(state: RouterState, master: MasterSeen, news: readonly Action[], nowMs: number): Step {
  const { settings, standing } = state;
  const { priority } = standing;
  if (master.priority >= priority) {
    const cancel: readonly Action[] =
      state.preemptDelay === "running" ? [{ type: "cancel_timer", timer: "preempt_delay" }] : [];
    return hear({ ...state, preemptDelay: "none" }, master, [...cancel, ...news]);
  }
  // Section 6.1: the owner preempts whatever Preempt_Mode says, unless it was told to yield.
  const mode = priority === OWNER_PRIORITY ? "always" : settings.preempt;
  if (mode === "never") return hear(state, master, news);
  if (mode === "on_failure" || state.yields) {
    return master.priority < master.highestPriority ? preempt(state, "saw_drop", news) : hear(state, master, news);
  }
  const delayMs = settings.preemptDelayMs;
  if (delayMs === 0 || state.preemptDelay === "over") return preempt(state, "lower_priority", news);
  if (state.preemptDelay === "running") return hear(state, master, news);
  const delayed: RouterState = { ...state, preemptDelay: "running", preemptDelayEndsMs: nowMs + delayMs };
  return hear(delayed, master, [...news, { type: "set_timer", timer: "preempt_delay", afterMs: delayMs }]);
}

/** The master is one to wait for: its adverts keep master_down from running out. */
function hear(state: RouterState, master: MasterSeen, news: readonly Action[]): Step {
  const { settings, standing } = state;
  const restart: Action = {
    type: "set_timer",
    timer: "master_down",
    afterMs: masterDownMs(settings, standing.priority, master.advertMs),
  };
  const heard: RouterState = { ...state, preempting: null, gaveGrace: false, claim: null, heartbeat: [restart] };
  return keep(heard, [restart, ...news]);
}

function preempt(state: RouterState, why: "lower_priority" | "saw_drop", news: readonly Action[]): Step {
  if (state.preempting === why && news.length === 0) return ignore(state, "lower_priority");
  return keep({ ...state, preempting: why }, [{ type: "ignored", reason: "lower_priority" }, ...news]);
}

function masterResigns(state: RouterState, advert: Advert, nowMs: number): Step {
  const { settings, standing, master } = state;
  // Of somebody who is not the master it says nothing about the one that is: a router that wakes up as master, or one
  // of two that were, resigns while the other goes on.
  if (master !== null && master.address !== advert.source) return ignore(state, "other_resigned");
  // Heard before any master: who must not displace one cannot know that there is no other.
  if (master === null && settings.preempt !== "always") return ignore(state, "other_resigned");
  if (master?.resigned) return ignore(state, "resigned_before");
  const advertMs = master?.advertMs ?? settings.advertMs;
  const resigned: MasterSeen = { ...masterOf(advert, master, nowMs), advertMs, priority: 0, resigned: true };
  // Not at once: two backups would collide (section 6.4.2).
  const afterMs = skewMs(settings.version, standing.priority, advertMs);
  return keep({ ...state, master: resigned, preempting: null, heartbeat: null }, [
    { type: "set_timer", timer: "master_down", afterMs },
  ]);
}

/** One that comes back after it resigned, or after another, is known for nothing. */
function masterOf({ source, priority, advertMs }: Advert, known: MasterSeen | null, nowMs: number): MasterSeen {
  const isSame = known !== null && known.address === source && !known.resigned;
  return {
    address: source,
    priority,
    highestPriority: isSame ? Math.max(known.highestPriority, priority) : priority,
    advertMs,
    sinceMs: isSame ? known.sinceMs : nowMs,
    resigned: false,
  };
}

/** What is worth a word about a master that is another one, or another interval, than before. */
function newsOf(state: RouterState, advert: Advert): readonly Action[] {
  const { settings, standing, master } = state;
  const news: Action[] = [];
  const isNew = master === null || master.address !== advert.source;
  if ((isNew || master.advertMs !== advert.advertMs) && advert.advertMs !== settings.advertMs) {
    const { source: address, advertMs: theirsMs } = advert;
    news.push(warn({ kind: "advert_interval_differs", address, theirsMs, oursMs: settings.advertMs }));
  }
  if (isNew && advert.priority === standing.priority) {
    news.push(warn({ kind: "equal_priority", address: advert.source, priority: advert.priority }));
  }
  return news;
}

function reasonOf({ master, preempting, standing }: RouterState, silentMs: number): TransitionReason {
  if (master === null) return { kind: "no_master_heard", waitedMs: silentMs };
  const { address, priority, highestPriority } = master;
  const ownPriority = standing.priority;
  if (master.resigned) return { kind: "master_resigned", address };
  if (preempting === "saw_drop") return { kind: "saw_drop", address, from: highestPriority, to: priority, ownPriority };
  if (preempting === "lower_priority") return { kind: "preempts", address, priority, ownPriority };
  return { kind: "master_silent", address, priority, silentMs };
}

function warn(warning: Warning): Action {
  return { type: "warn", warning };
}
