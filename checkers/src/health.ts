import type { Verdict } from "./verdict.ts";

/** A moment: `monotonicMs` decides, `epochMs` is only shown to people. */
export interface Instant {
  readonly monotonicMs: number;
  readonly epochMs: number;
}

export type Health = "up" | "down" | "unknown";

/** What is known of one check. Plain data: it is reported, stored in the snapshot and handed over. */
export interface CheckState {
  readonly health: Health;
  /** When `health` was last changed, epoch milliseconds. */
  readonly sinceEpochMs: number;
  /** Failures in a row so far, 0 after a success. */
  readonly failures: number;
  /** Successes in a row of a check that is still down (`rise`); absent: 0. */
  readonly successes?: number;
  /** When it was last seen to come up from down; absent: never. */
  readonly recoveredEpochMs?: number;
  readonly verdict: Verdict | null;
  readonly checkedEpochMs: number | null;
  /** The weight that the check said last (misc_dynamic); absent: none yet. */
  readonly weight?: number;
}
