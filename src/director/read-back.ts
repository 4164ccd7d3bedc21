import type { ServiceKey } from "ipvs-netlink";

/** Services in one slice: a read of that many takes a few ten milliseconds at most, and others wait no longer. */
export const sliceServices = 256;

// What somebody changes right after its read is seen a cycle later; the rest of the period is for the repair.
const cycleShare = 0.8;

/**
 * The periodic read-back: every service is read once per cycle, a slice at a time, so that a large table costs a steady trickle
 * and anything that drifts is repaired within the period.
 */
export class ReadBack {
  #rest: readonly ServiceKey[] = [];
  #at = 0;

  /** The next slice; a new cycle starts with the keys of that moment. */
  next(keys: () => readonly ServiceKey[]): readonly ServiceKey[] {
    if (this.#at >= this.#rest.length) {
      this.#rest = keys();
      this.#at = 0;
    }
    const slice = this.#rest.slice(this.#at, this.#at + sliceServices);
    this.#at += sliceServices;
    return slice;
  }

  /** Wait between two slices of a table of this many services. */
  intervalMs(services: number, periodMs: number): number {
    return (periodMs * cycleShare) / Math.max(1, Math.ceil(services / sliceServices));
  }
}
