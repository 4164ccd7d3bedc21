import type { InstanceView } from "../vrrp/process/instance-view.ts";
import type { FailoverResult } from "./api.ts";

/** What became of a failover, from what the instance was when it did not leave any more; null: nobody waited for that. Pure. */
export function failoverResult(instance: string, view: InstanceView | null, tookMs: number): FailoverResult {
  const took = { instance, took_ms: Math.round(tookMs) };
  if (view === null) return { ...took, outcome: "begun", master: null, state: "leaving", reason: "resigned" };
  const { state, reason, master: seen } = view;
  if (state === "backup" && seen !== null) {
    return {
      ...took,
      outcome: "handed_over",
      master: { address: seen.address, priority: seen.priority },
      state,
      reason,
    };
  }
  const stays = state === "master" || state === "backup";
  return { ...took, outcome: stays ? "nobody_took_over" : "ended", master: null, state, reason };
}
