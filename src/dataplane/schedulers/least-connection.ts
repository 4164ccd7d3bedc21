import { type Candidate, type Scheduler, takesNew } from "./scheduler.ts";

/** IPVS takes an active connection for 256 inactive ones (ip_vs_dest_conn_overhead). */
const activeShare = 256;

function overhead(candidate: Candidate): number {
  return candidate.activeConnections * activeShare + candidate.inactiveConnections;
}

/** lc: the least overhead; the first of equals (ip_vs_lc.c). */
export const leastConnection: Scheduler<null> = least((candidate, best) => overhead(candidate) < overhead(best));

/** wlc: the least overhead per weight; the first of equals (ip_vs_wlc.c). Multiplied out, so that no division rounds. */
export const weightedLeastConnection: Scheduler<null> = least(
  (candidate, best) => overhead(candidate) * best.weight < overhead(best) * candidate.weight,
);

function least(better: (candidate: Candidate, best: Candidate) => boolean): Scheduler<null> {
  return {
    prepare: () => null,
    pick(candidates) {
      let index: number | null = null;
      let best: Candidate | null = null;
      for (const [at, candidate] of candidates.entries()) {
        if (takesNew(candidate) && (best === null || better(candidate, best))) {
          index = at;
          best = candidate;
        }
      }
      return { index, state: null };
    },
  };
}
