import { type Candidate, type Scheduler, takesNew } from "./scheduler.ts";

export interface WeightedRoundRobinState {
  /** Index of the destination chosen last; -1 before the first of a pass. */
  readonly last: number;
  /** Weight that a destination must have to be chosen in this pass; 0 before the first pass. */
  readonly threshold: number;
  /** Greatest common divisor of the weights: by how much the threshold falls from pass to pass. */
  readonly step: number;
}

/**
 * wrr: passes over the list with a threshold that falls from the greatest weight by the greatest common divisor (ip_vs_wrr.c).
 * Over one cycle of sum(weights)/gcd connections each destination gets exactly weight/gcd of them.
 */
export const weightedRoundRobin: Scheduler<WeightedRoundRobinState> = {
  // Like the kernel, a change of the list starts a new cycle.
  prepare: (candidates) => ({
    last: -1,
    threshold: greatestWeight(candidates, () => true),
    step: candidates.reduce((divisor, { weight }) => greatestCommonDivisor(divisor, weight), 0),
  }),
  pick(candidates, state) {
    const greatest = greatestWeight(candidates, takesNew);
    if (greatest === 0) return { index: null, state };
    let { last, threshold } = state;
    // The rest of this pass, then one more: its threshold is one that somebody reaches.
    for (;;) {
      for (let index = last + 1; index < candidates.length; index++) {
        const candidate = candidates[index];
        if (candidate !== undefined && takesNew(candidate) && candidate.weight >= threshold) {
          return { index, state: { last: index, threshold, step: state.step } };
        }
      }
      last = -1;
      threshold = Math.min(threshold - state.step, greatest);
      if (threshold <= 0) threshold = greatest;
    }
  },
};

function greatestWeight(candidates: readonly Candidate[], counts: (candidate: Candidate) => boolean): number {
  return candidates.reduce(
    (greatest, candidate) => (counts(candidate) ? Math.max(greatest, candidate.weight) : greatest),
    0,
  );
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
