import { native } from "ipvs-netlink";

/** One timerfd on CLOCK_BOOTTIME. */
export class Alarm {
  readonly #fd = native().openTimer();
  #atMs = Number.POSITIVE_INFINITY;

  constructor(onAlarm: () => void) {
    native().watch(this.#fd, 1, onAlarm);
  }

  /** By how much it should have come before; negative while it is still to come. */
  overdueMs(nowMs: number): number {
    return nowMs - this.#atMs;
  }

  /** Infinity: never. One that was there before is forgotten. */
  set(atMs: number, nowMs: number): void {
    // It comes once: one that has come has to be set again, be it for the same time.
    if (atMs === this.#atMs && atMs > nowMs) return;
    this.#atMs = atMs;
    native().setTimer(this.#fd, atMs === Number.POSITIVE_INFINITY ? -1 : atMs);
  }

  close(): void {
    native().unwatch(this.#fd);
    native().close(this.#fd);
  }
}
