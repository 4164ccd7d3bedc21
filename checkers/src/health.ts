import type { AgentMode, Verdict } from "./verdict.ts";

/** A moment: `monotonicMs` decides, `epochMs` is only shown to people. */
export interface Instant {
  readonly monotonicMs: number;
  readonly epochMs: number;
}

export type Health = "up" | "down" | "unknown";

/** What a check said last beside up and down; absent: nothing yet. */
export interface Said {
  /** The weight that the real server is to have (misc_dynamic). */
  readonly weight?: number;
  /** The weight that it is to have, as a share of the configured one (an agent). */
  readonly weightPercent?: number;
  /** What is to be added to its weight (FILE_CHECK). */
  readonly weightAdds?: number;
  /** An agent wants it out of service. */
  readonly mode?: AgentMode;
}

/** What is known of one check. Plain data: it is reported, stored in the snapshot and handed over. */
export interface CheckState extends Said {
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
}

/** What of a state is said. */
export function saidOf({ weight, weightPercent, weightAdds, mode }: Said): Said {
  return {
    ...(weight === undefined ? {} : { weight }),
    ...(weightPercent === undefined ? {} : { weightPercent }),
    ...(weightAdds === undefined ? {} : { weightAdds }),
    ...(mode === undefined ? {} : { mode }),
  };
}

export function sameSaid(a: Said, b: Said): boolean {
  return (
    a.weight === b.weight && a.weightPercent === b.weightPercent && a.weightAdds === b.weightAdds && a.mode === b.mode
  );
}
