import type { TimerName } from "../machine/event.ts";

/** The order is that of a late wake-up: advert timers come first (see RouterEvent). */
export const timerNames = [
  "advert",
  "master_down",
  "preempt_delay",
  "startup",
  "handover",
] as const satisfies readonly TimerName[];

/** The timers of all routers. Setting one, which each received advert does, is one store in an array. */
export class TimerTable {
  readonly #routers: number;
  readonly #due: Float64Array;

  constructor(routers: number) {
    this.#routers = routers;
    this.#due = new Float64Array(routers * timerNames.length).fill(Number.POSITIVE_INFINITY);
  }

  set(router: number, timer: TimerName, dueMs: number): void {
    this.#due[this.#slot(router, timer)] = dueMs;
  }

  cancel(router: number, timer: TimerName): void {
    this.#due[this.#slot(router, timer)] = Number.POSITIVE_INFINITY;
  }

  /** Takes over what was set for a router of another table. */
  copyFrom(other: TimerTable, from: number, to: number): void {
    for (const timer of timerNames) this.set(to, timer, other.dueMs(from, timer));
  }

  dueMs(router: number, timer: TimerName): number {
    return this.#due[this.#slot(router, timer)] as number;
  }

  /** Infinity when none is set. */
  earliestMs(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const due of this.#due) if (due < earliest) earliest = due;
    return earliest;
  }

  /** Whether one other than an advert timer is due. */
  isOtherDue(nowMs: number): boolean {
    for (let slot = this.#routers; slot < this.#due.length; slot++) {
      if ((this.#due[slot] as number) <= nowMs) return true;
    }
    return false;
  }

  /** Calls with every timer that is due, and forgets it before: it may be set again in the call, and then waits for the next time. */
  takeDue(
    which: "advert" | "others",
    nowMs: number,
    onDue: (router: number, timer: TimerName, dueMs: number) => void,
  ): void {
    const [from, to] = which === "advert" ? [0, this.#routers] : [this.#routers, this.#due.length];
    for (let slot = from; slot < to; slot++) {
      const due = this.#due[slot] as number;
      if (due > nowMs) continue;
      this.#due[slot] = Number.POSITIVE_INFINITY;
      onDue(slot % this.#routers, timerNames[Math.floor(slot / this.#routers)] as TimerName, due);
    }
  }

  #slot(router: number, timer: TimerName): number {
    return timerNames.indexOf(timer) * this.#routers + router;
  }
}
