import { type Scheduler, takesNew } from "./scheduler.ts";

export interface RoundRobinState {
  /** Index of the destination chosen last; -1 before the first. */
  readonly last: number;
}

/** rr: the next one in the list, whatever its weight (ip_vs_rr.c). */
export const roundRobin: Scheduler<RoundRobinState> = {
  prepare(candidates, previous, removedIndex) {
    if (previous === null) return { last: -1 };
    // The destination after the removed one has moved into its place: it is still the next one.
    const last = removedIndex !== null && removedIndex <= previous.last ? previous.last - 1 : previous.last;
    return { last: Math.min(last, candidates.length - 1) };
  },
  pick(candidates, state) {
    const count = candidates.length;
    for (let step = 1; step <= count; step++) {
      const index = (state.last + step) % count;
      const candidate = candidates[index];
      if (candidate !== undefined && takesNew(candidate)) return { index, state: { last: index } };
    }
    return { index: null, state };
  },
};
