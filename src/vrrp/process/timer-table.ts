import type { TimerName } from "../machine/event.ts";

/** Of an event: what the timers that follow it may count from. */
export interface EventTimes {
  readonly nowMs: number;
  /** When it was due, of an advert timer; null: it is something else. */
  readonly dueMs: number | null;
  /** When it came in, of an advert, which may have waited to be read; of others now. */
  readonly arrivedMs: number;
}

/** Of an event that is neither an advert timer nor an advert. */
export function timesOf(nowMs: number): EventTimes {
  return { nowMs, dueMs: null, arrivedMs: nowMs };
}

/** The order is that of a late wake-up: advert timers come first (see RouterEvent). */
export const timerNames = [
  "advert",
  "master_down",
  "preempt_delay",
  "startup",
  "handover",
] as const satisfies readonly TimerName[];

/**
 * The timers of all routers. Setting one, which each received advert does, is one store in an array: the timers are searched
 * only when the earliest of them may have come, not whenever one is put off.
 */
export class TimerTable {
  readonly #routers: number;
  readonly #due: Float64Array;
  /** No advert timer, and no other one, is due before. */
  #advertsNotBeforeMs = Number.POSITIVE_INFINITY;
  #othersNotBeforeMs = Number.POSITIVE_INFINITY;

  constructor(routers: number) {
    this.#routers = routers;
    this.#due = new Float64Array(routers * timerNames.length).fill(Number.POSITIVE_INFINITY);
  }

  set(router: number, timer: TimerName, dueMs: number): void {
    this.#due[this.#slot(router, timer)] = dueMs;
    if (timer === "advert") this.#advertsNotBeforeMs = Math.min(this.#advertsNotBeforeMs, dueMs);
    else this.#othersNotBeforeMs = Math.min(this.#othersNotBeforeMs, dueMs);
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

  /** A time before which none is due; it may be that none is due then either. Infinity when none is set. */
  notBeforeMs(nowMs: number): number {
    if (this.#advertsNotBeforeMs <= nowMs) this.#advertsNotBeforeMs = this.#earliestMs(0, this.#routers);
    if (this.#othersNotBeforeMs <= nowMs) this.#othersNotBeforeMs = this.#earliestMs(this.#routers, this.#due.length);
    return Math.min(this.#advertsNotBeforeMs, this.#othersNotBeforeMs);
  }

  /** Whether one other than an advert timer is due. */
  isOtherDue(nowMs: number): boolean {
    if (nowMs < this.#othersNotBeforeMs) return false;
    this.#othersNotBeforeMs = this.#earliestMs(this.#routers, this.#due.length);
    return this.#othersNotBeforeMs <= nowMs;
  }

  /**
   * Calls with every timer that is due, and forgets it before: it may be set again in the call, and then waits for the next time. `before`
   * is called for each, and may put it off.
   */
  takeDue(
    which: "advert" | "others",
    nowMs: number,
    onDue: (router: number, timer: TimerName, dueMs: number) => void,
    before: () => void = () => {},
  ): void {
    if (nowMs < (which === "advert" ? this.#advertsNotBeforeMs : this.#othersNotBeforeMs)) return;
    const [from, to] = which === "advert" ? [0, this.#routers] : [this.#routers, this.#due.length];
    for (let slot = from; slot < to; slot++) {
      if ((this.#due[slot] as number) > nowMs) continue;
      before();
      const due = this.#due[slot] as number;
      if (due > nowMs) continue;
      this.#due[slot] = Number.POSITIVE_INFINITY;
      onDue(slot % this.#routers, timerNames[Math.floor(slot / this.#routers)] as TimerName, due);
    }
  }

  #earliestMs(from: number, to: number): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (let slot = from; slot < to; slot++) {
      const due = this.#due[slot] as number;
      if (due < earliest) earliest = due;
    }
    return earliest;
  }

  #slot(router: number, timer: TimerName): number {
    return timerNames.indexOf(timer) * this.#routers + router;
  }
}

/**
 * When a timer that is set now is due. An advert timer runs on from when the last one was, unless that was missed by an interval; a
 * master is silent since its advert came in, not since it was read.
 */
export function dueAfter(timer: TimerName, afterMs: number, { nowMs, dueMs, arrivedMs }: EventTimes): number {
  if (timer === "master_down") return arrivedMs + afterMs;
  return timer !== "advert" || dueMs === null || nowMs - dueMs >= afterMs ? nowMs + afterMs : dueMs + afterMs;
}
