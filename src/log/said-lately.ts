/**
 * What was logged lately, so that what happens with every advert is not said with every advert. Pure but for its memory,
 * which is bounded: what is not in it is said.
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
    this.#saidMs.delete(what);
    const oldest = this.#saidMs.size < this.#most ? undefined : this.#saidMs.keys().next().value;
    if (oldest !== undefined) this.#saidMs.delete(oldest);
    this.#saidMs.set(what, nowMs);
    return true;
  }
}
