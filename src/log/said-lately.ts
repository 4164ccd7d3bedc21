/**
 * What was logged lately, so that what happens with every advert is not said with every advert. Pure but for its memory, which is
 * bounded: when it is full nothing new is said, or who sends under ever other names would fill the log.
 */
export class SaidLately {
  readonly #quietMs: number;
  readonly #most: number;
  readonly #saidMs = new Map<string, number>();

  constructor(quietMs: number, most = 1_000) {
    this.#quietMs = quietMs;
    this.#most = most;
  }

  /** Whether to say it now; then it is not said again for a while. */
  isDue(what: string, nowMs: number): boolean {
    const saidMs = this.#saidMs.get(what);
    if (saidMs !== undefined && nowMs - saidMs < this.#quietMs) return false;
    // In the order in which they were said.
    for (const [each, atMs] of this.#saidMs) {
      if (nowMs - atMs < this.#quietMs) break;
      this.#saidMs.delete(each);
    }
    if (this.#saidMs.size >= this.#most) return false;
    this.#saidMs.set(what, nowMs);
    return true;
  }
}
