import type { Check, CheckTiming } from "./check.ts";
import { type CheckState, type Health, type Instant, type Said, saidOf } from "./health.ts";
import type { Verdict } from "./verdict.ts";

/** Health changed, with what a log line needs: both ends, how long the old state lasted and the verdict that decided. */
export interface Transition {
  readonly from: Health;
  readonly to: Health;
  readonly heldMs: number;
  /** Failures in a row up to and with this verdict; 0 when it passed. */
  readonly failures: number;
  readonly verdict: Verdict;
}

export interface Decision {
  readonly state: CheckState;
  readonly transition: Transition | null;
  /** From the end of this run to the start of the next. */
  readonly nextRunMs: number;
}

/** State of a check that never ran. */
export function unknownState(at: Instant): CheckState {
  return { health: "unknown", sinceEpochMs: at.epochMs, failures: 0, verdict: null, checkedEpochMs: null };
}

/**
 * What a verdict does to a check, as keepalived.conf(5) has it: `retry` further attempts, `delay_before_retry` apart, only
 * while the check counts as up; a check that is down is tried every `delay_loop` and one success, or `rise` in a row, bring it
 * up. While failures or successes are being counted `fast_interval` comes before both pauses.
 * A check that never passed or failed yet counts as up until it fails, with `alpha` as down until it passes.
 */
export function applyVerdict(
  state: CheckState,
  { timing, alpha }: Pick<Check, "timing" | "alpha">,
  verdict: Verdict,
  at: Instant,
): Decision {
  const countsAsUp = state.health === "up" || (state.health === "unknown" && !alpha);
  const failures = verdict.ok ? 0 : state.failures + 1;
  const successes = verdict.ok && !countsAsUp ? (state.successes ?? 0) + 1 : 0;
  const retries = !verdict.ok && countsAsUp && failures <= timing.retry;
  const rises = verdict.ok && !countsAsUp && successes < (timing.rise ?? 1);
  const health: Health = rises || retries ? state.health : verdict.ok ? "up" : "down";
  const changed = health !== state.health;
  const recovered = changed && health === "up" && state.health === "down" ? at.epochMs : state.recoveredEpochMs;
  return {
    state: {
      health,
      sinceEpochMs: changed ? at.epochMs : state.sinceEpochMs,
      failures,
      ...(rises ? { successes } : {}),
      ...(recovered === undefined ? {} : { recoveredEpochMs: recovered }),
      verdict,
      checkedEpochMs: at.epochMs,
      ...whatItSays(state, verdict),
    },
    transition: changed
      ? { from: state.health, to: health, heldMs: Math.max(0, at.epochMs - state.sinceEpochMs), failures, verdict }
      : null,
    nextRunMs: retries
      ? pauseBeforeRetryMs(timing)
      : rises
        ? (timing.fastIntervalMs ?? timing.delayLoopMs)
        : timing.delayLoopMs,
  };
}

/** What another pass that says nothing but that it is one does to a check that is up. */
export function passedAgain(
  state: CheckState,
  { latencyMs, checkedEpochMs }: { readonly latencyMs: number; readonly checkedEpochMs: number },
): CheckState {
  return { ...state, verdict: { ok: true, latencyMs }, checkedEpochMs };
}

/** From a failure of a check that counts as up to the next attempt. */
export function pauseBeforeRetryMs({ fastIntervalMs, delayBeforeRetryMs }: CheckTiming): number {
  return fastIntervalMs ?? delayBeforeRetryMs;
}

/** What a verdict does not speak of stays as it was. */
function whatItSays(state: CheckState, verdict: Verdict): Said {
  if (!verdict.ok) return saidOf(state);
  const { weight = state.weight, mode = state.mode, ...others } = verdict;
  const { weightPercent, weightAdds } = { ...state, ...(others as Said) };
  return {
    ...(weight === undefined || weight === "configured" ? {} : { weight }),
    ...(weightPercent === undefined ? {} : { weightPercent }),
    ...(weightAdds === undefined ? {} : { weightAdds }),
    ...(mode === undefined || mode === "ready" ? {} : { mode }),
  };
}
