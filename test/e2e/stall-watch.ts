const everyMs = 10;
/** A turn that is later than this was not just behind others. */
const noticedMs = 100;
/** What follows from a stall comes after it. */
const aftermathMs = 5_000;

interface Stall {
  readonly endMs: number;
  readonly forMs: number;
}

/** Notices when this process was not run, as on a machine that stands still: what took its time meanwhile says nothing. */
export class StallWatch {
  readonly #stalls: Stall[] = [];
  readonly #timer = setInterval(() => this.#look(), everyMs);
  #lookedMs = performance.now();

  /** How long the stalls since `sinceMs` (of `performance.now()`) were together, with those shortly before. */
  stalledMs(sinceMs: number): number {
    this.#look();
    const counted = this.#stalls.filter(({ endMs }) => endMs > sinceMs - aftermathMs);
    return counted.reduce((sum, { forMs }) => sum + forMs, 0);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    const forMs = nowMs - this.#lookedMs - everyMs;
    this.#lookedMs = nowMs;
    if (forMs > noticedMs) this.#stalls.push({ endMs: nowMs, forMs });
  }
}
