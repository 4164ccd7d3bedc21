import type { Check } from "./check.ts";
import type { CheckState, Health, Instant } from "./health.ts";
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
 * while the check counts as up; a check that is down is tried every `delay_loop` and one success brings it up.
 * A check that never passed or failed yet counts as up until it fails, with `alpha` as down until it passes.
 */
export function applyVerdict(
  state: CheckState,
  check: Pick<Check, "timing" | "alpha">,
  verdict: Verdict,
  at: Instant,
): Decision {
  const failures = verdict.ok ? 0 : state.failures + 1;
  const { retry, delayLoopMs, delayBeforeRetryMs } = check.timing;
  const countsAsUp = state.health === "up" || (state.health === "unknown" && !check.alpha);
  const retries = !verdict.ok && countsAsUp && failures <= retry;
  const health: Health = verdict.ok ? "up" : retries ? state.health : "down";
  const weight = verdict.ok && verdict.weight !== undefined ? verdict.weight : state.weight;
  const changed = health !== state.health;
  return {
    state: {
      health,
      sinceEpochMs: changed ? at.epochMs : state.sinceEpochMs,
      failures,
      verdict,
      checkedEpochMs: at.epochMs,
      // A check that says nothing of the weight leaves it as it was.
      ...(weight === undefined ? {} : { weight }),
    },
    transition: changed
      ? { from: state.health, to: health, heldMs: Math.max(0, at.epochMs - state.sinceEpochMs), failures, verdict }
      : null,
    nextRunMs: retries ? delayBeforeRetryMs : delayLoopMs,
  };
}
