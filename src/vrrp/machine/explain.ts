import { formatDuration } from "@lbctl/checkers";
import { describeReason } from "./describe.ts";
import type { RouterState } from "./state.ts";

/** Why this router is master, or why it is not, as of `nowMs`: a sentence without its subject, for status. */
export function explain(state: RouterState, nowMs: number): string {
  const { phase, master, standing, settings, because } = state;
  if (phase === "leaving") return "resigned, waits for its successor";
  if (phase !== "backup") return describeReason(because);
  if (state.claim !== null) {
    return `${describeReason(state.claim)}; waits for the other members of sync group ${settings.syncGroup ?? ""}`;
  }
  if (master === null) return "listens for a master";
  if (master.resigned) return `${master.address} resigned; takes over unless a better one does`;
  const who = `${master.address} is master with priority ${master.priority}`;
  if (master.priority >= standing.priority) return `${who}, own ${standing.priority}`;
  const lower = `${who}, lower than ${standing.priority}`;
  if (state.preempting !== null) return `${lower}; about to take over`;
  if (settings.preempt === "never") return `${lower}; nopreempt`;
  if (state.yields) return `${lower}; handed over to it by an operator`;
  if (settings.preempt === "on_failure") return `${lower}; preempt on_failure, and its priority did not fall`;
  if (state.preemptDelay === "running") {
    return `${lower}; preempt_delay, another ${formatDuration(Math.max(0, state.preemptDelayEndsMs - nowMs))}`;
  }
  return lower;
}
