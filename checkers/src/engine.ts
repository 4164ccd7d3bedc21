import type { ProbeSpec } from "./check.ts";
import type { Lateness } from "./schedule.ts";
import type { Verdict } from "./verdict.ts";

/** One run of a check to start. */
export interface ProbeRequest {
  /** Chosen by the caller, unique among the runs under way. */
  readonly id: number;
  readonly spec: ProbeSpec;
  /** Bound on each exchange with the server, milliseconds from its start. */
  readonly timeoutMs: number;
}

export interface ProbeResult {
  readonly id: number;
  readonly verdict: Verdict;
}

/** A run that passed, to be followed by others as long as they pass. */
export interface RepeatRequest extends ProbeRequest {
  /** From the end of one to the start of the next, or a little earlier (`togetherMs`). */
  readonly everyMs: number;
}

/** A pass of a check that is repeated. */
export interface ProbePass {
  readonly id: number;
  readonly latencyMs: number;
  /** How long ago it was. */
  readonly ageMs: number;
}

/** What an engine can do that repeats checks by itself: nobody else has to wake up for one that goes on passing. */
export interface Repeats {
  /** Whether it can repeat checks of this kind. */
  can(spec: ProbeSpec): boolean;
  /**
   * Begins with the wait. A run that does not pass yields a result, as if it had been started, and is not followed by another;
   * passes are told about once a second, and before such a result. `cancel` ends it. `nowMs` is of the clock that `togetherMs` is used with.
   */
  start(batch: readonly RepeatRequest[], nowMs: number): void;
  /** Repeats these now, if they wait. */
  expedite(ids: readonly number[]): void;
  /** How late runs were started since the last call. */
  readLateness(): Lateness;
}

/**
 * Runs probes. Started and cancelled in batches, results come back in batches through the callback given at creation, so that
 * an engine in native code fits. Every started probe yields exactly one result unless it is cancelled first; results never
 * arrive from within `start`.
 */
export interface ProbeEngine {
  start(batch: readonly ProbeRequest[]): void;
  /** Ends these runs at once, without a result; unknown ids are ignored. */
  cancel(ids: readonly number[]): void;
  close(): void;
  /** Absent: it repeats nothing. */
  readonly repeats?: Repeats;
}

export type OnProbePasses = (passes: readonly ProbePass[]) => void;
export type OnProbeResults = (results: readonly ProbeResult[]) => void;
