import type { ProbeSpec } from "./check.ts";
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
}

export type OnProbeResults = (results: readonly ProbeResult[]) => void;
