import type { Clock } from "./clock.ts";

/**
 * One moment at a time, epoch milliseconds; calls back with it when as much time has gone by as was left when it was set: the wall clock may
 * say otherwise by then.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: (atEpochMs: number) => void;
  #atEpochMs: number | null = null;
  #cancel: () => void = () => {};

  constructor(clock: Clock, ring: (atEpochMs: number) => void) {
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
      this.#ring(atEpochMs);
    }, delayMs);
  }
}
