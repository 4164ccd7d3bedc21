import type { Clock } from "./clock.ts";

/** One moment at a time, epoch milliseconds; calls back when it has come. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #atEpochMs: number | null = null;
  #cancel: () => void = () => {};

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Replaces the moment; null: none. */
  set(atEpochMs: number | null): void {
    if (atEpochMs === this.#atEpochMs) return;
    this.#cancel();
    this.#cancel = () => {};
    this.#atEpochMs = atEpochMs;
    if (atEpochMs === null) return;
    const delayMs = Math.max(0, atEpochMs - this.#clock.now().epochMs);
    this.#cancel = this.#clock.setTimer(() => {
      this.#atEpochMs = null;
      this.#ring();
    }, delayMs);
  }
}
