import type { Check, CheckState, Health } from "@lbctl/checkers";
import { keyOf } from "./check-key.ts";
import type { StateReason } from "./decision.ts";

/** What the checks say about a real server. */
export interface Liveness {
  readonly health: Health;
  /** Fit for traffic: up, or not checked yet and not in alpha mode. */
  readonly alive: boolean;
  readonly reason: StateReason;
  /** Since when the checks say so, as far as they know. */
  readonly sinceEpochMs: number | null;
  /** When the last of its checks came up from down; null: none ever did, or one does not pass. */
  readonly recoveredEpochMs: number | null;
}

const noChecks: StateReason = { kind: "no_checks" };
const checksPassed: StateReason = { kind: "checks_passed" };

/**
 * All checks must pass. One that fails makes the real server down whatever the others say; one that has not run yet makes it
 * unknown. Reasons follow the order of the configuration, never the order in which results arrive.
 */
export function liveness(checks: readonly Check[], states: ReadonlyMap<string, CheckState>): Liveness {
  if (checks.length === 0)
    return { health: "up", alive: true, reason: noChecks, sinceEpochMs: null, recoveredEpochMs: null };
  let unknown: Check | null = null;
  let alive = true;
  let sinceEpochMs: number | null = null;
  let recoveredEpochMs: number | null = null;
  for (const check of checks) {
    const state = states.get(keyOf(check));
    if (state === undefined || state.health === "unknown") {
      if (unknown === null || (check.alpha && !unknown.alpha)) unknown = check;
      if (check.alpha) alive = false;
    } else if (state.health === "down") {
      return {
        health: "down",
        alive: false,
        reason: failed(check, state),
        sinceEpochMs: state.sinceEpochMs,
        recoveredEpochMs: null,
      };
    } else {
      sinceEpochMs = Math.max(sinceEpochMs ?? 0, state.sinceEpochMs);
      const recovered = state.recoveredEpochMs ?? null;
      if (recovered !== null) recoveredEpochMs = Math.max(recoveredEpochMs ?? 0, recovered);
    }
  }
  if (unknown === null) return { health: "up", alive: true, reason: checksPassed, sinceEpochMs, recoveredEpochMs };
  const countsAs = alive ? "up" : "down";
  return {
    health: "unknown",
    alive,
    reason: { kind: "not_checked", check: unknown.spec.type, countsAs },
    sinceEpochMs: null,
    recoveredEpochMs,
  };
}

function failed(check: Check, state: CheckState): StateReason {
  const { successes = 0 } = state;
  if (successes > 0) {
    return { kind: "check_rising", check: check.spec.type, successes, rise: check.timing.rise ?? 1 };
  }
  const verdict = state.verdict !== null && !state.verdict.ok ? state.verdict : null;
  return { kind: "check_failed", check: check.spec.type, verdict, failures: state.failures };
}
