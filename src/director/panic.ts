import type { VirtualServer } from "../config/model.ts";
import type { PanicDecision, VirtualServerDecision } from "./decision.ts";

/** A real server as the panic threshold sees it. */
export interface PanicCandidate {
  readonly adminState: "enabled" | "disabled" | "drained";
  /** Alive and enabled. */
  readonly eligible: boolean;
  readonly live: { readonly alive: boolean; readonly health: "up" | "down" | "unknown" };
}

/** Counts for the threshold, and takes traffic in a panic: nobody took it out, and its checks do not wait for their first verdict. */
export function takesPart({ adminState, live }: PanicCandidate): boolean {
  return adminState === "enabled" && (live.alive || live.health === "down");
}

/**
 * Whether so few real servers are up that their checks are not believed (as Envoy's panic threshold): absent without a threshold.
 * A sorry server in service takes the traffic instead.
 */
export function decidePanic(
  { panicThreshold: threshold = 0 }: Pick<VirtualServer, "panicThreshold">,
  candidates: readonly PanicCandidate[],
  sorryInService: boolean,
  previous: Pick<VirtualServerDecision, "panic"> | null,
  nowEpochMs: number,
): { readonly panic?: PanicDecision } {
  if (threshold === 0) return {};
  const counted = candidates.filter(takesPart).length;
  const up = candidates.filter(({ eligible }) => eligible).length;
  const active = !sorryInService && 100 * up < threshold * counted;
  const before = previous?.panic;
  const sinceEpochMs = before?.active === active ? before.sinceEpochMs : nowEpochMs;
  return { panic: { threshold, up, counted, active, sinceEpochMs } };
}
