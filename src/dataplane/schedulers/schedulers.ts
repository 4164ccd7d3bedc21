import type { SchedulerFlag } from "ipvs-netlink";
import { leastConnection, weightedLeastConnection } from "./least-connection.ts";
import { roundRobin } from "./round-robin.ts";
import type { Candidate, Client, Scheduler } from "./scheduler.ts";
import { sourceHash } from "./source-hash.ts";
import { weightedRoundRobin } from "./weighted-round-robin.ts";

/** A scheduler together with its state, for one service. */
export interface RunningScheduler<C extends Candidate> {
  /** To be called after every change of the list or of a weight. */
  changed(candidates: readonly C[], removedIndex: number | null): void;
  /** The destination of a new connection; null when none may take it. */
  pick(candidates: readonly C[], client: Client): C | null;
}

/** Starts the scheduler of this name; null when there is none. The flags are those of the service. */
export function startScheduler<C extends Candidate>(
  name: string,
  flags: readonly SchedulerFlag[],
): RunningScheduler<C> | null {
  switch (name) {
    case "rr":
      return running(roundRobin);
    case "wrr":
      return running(weightedRoundRobin);
    case "lc":
      return running(leastConnection);
    case "wlc":
      return running(weightedLeastConnection);
    case "sh":
      return running(sourceHash(flags));
    default:
      return null;
  }
}

function running<C extends Candidate, State>(scheduler: Scheduler<State>): RunningScheduler<C> {
  let state = scheduler.prepare([], null, null);
  return {
    changed(candidates, removedIndex) {
      state = scheduler.prepare(candidates, state, removedIndex);
    },
    pick(candidates, client) {
      const picked = scheduler.pick(candidates, state, client);
      state = picked.state;
      return picked.index === null ? null : (candidates[picked.index] ?? null);
    },
  };
}
