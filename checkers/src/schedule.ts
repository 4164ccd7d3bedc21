import { Moments } from "./moments.ts";

export interface ScheduleOptions {
  /** Runs under way at once; what is due beyond that waits, oldest first. */
  readonly maxConcurrency: number;
}

/** How late runs were started, since the schedule was made or last asked. */
export interface Lateness {
  readonly runs: number;
  readonly maxMs: number;
  readonly meanMs: number;
}

/**
 * When each check runs next. Pure: every moment comes in as an argument (monotonic milliseconds), nothing waits here.
 * A key is either waiting for its moment or running; it has one moment only, so a late wake-up or a long stall makes runs
 * late but never adds any. Made for many keys with few different moments (`togetherMs`).
 */
export class Schedule {
  readonly #maxConcurrency: number;
  readonly #running = new Set<string>();
  /** The moment of each key that waits. */
  readonly #waiting = new Map<string, number>();
  readonly #keysAt = new Map<number, Set<string>>();
  /** Those of #keysAt, and some from which all keys have gone. */
  readonly #moments = new Moments();
  #lateRuns = 0;
  #lateMaxMs = 0;
  #lateSumMs = 0;

  constructor({ maxConcurrency }: ScheduleOptions) {
    this.#maxConcurrency = maxConcurrency;
  }

  get size(): number {
    return this.#waiting.size + this.#running.size;
  }

  get running(): number {
    return this.#running.size;
  }

  isRunning(key: string): boolean {
    return this.#running.has(key);
  }

  /** Adds a new key. A key that is there already keeps its place. */
  add(key: string, startMs: number): void {
    if (!this.#running.has(key) && !this.#waiting.has(key)) this.#wait(key, startMs);
  }

  /** Forgets the key; true when it was running, so that its run can be cancelled. */
  remove(key: string): boolean {
    this.#leave(key);
    return this.#running.delete(key);
  }

  /** Makes a waiting key due at once; a running one is left to finish. */
  expedite(key: string, nowMs: number): void {
    if (this.#leave(key)) this.#wait(key, nowMs);
  }

  /** The keys to start now, oldest due first. They are running from here until `finish` or `remove`. */
  takeDue(nowMs: number): string[] {
    const due: string[] = [];
    while (this.#running.size < this.#maxConcurrency) {
      const moment = this.#firstMoment();
      if (moment === null || moment > nowMs) break;
      const keys = this.#keysAt.get(moment) as Set<string>;
      for (const key of keys) {
        if (this.#running.size >= this.#maxConcurrency) return due;
        keys.delete(key);
        this.#waiting.delete(key);
        this.#running.add(key);
        due.push(key);
        this.#recordLateness(nowMs - moment);
      }
      this.#keysAt.delete(moment);
    }
    return due;
  }

  /** The run is over and the key waits for its next moment. False when it was removed meanwhile. */
  finish(key: string, startMs: number): boolean {
    if (!this.#running.delete(key)) return false;
    this.#wait(key, startMs);
    return true;
  }

  /**
   * When `takeDue` next has something to start: null while nothing waits, and while all runs that may be under way are,
   * since then the next `finish` is the moment.
   */
  nextWakeMs(): number | null {
    return this.#running.size >= this.#maxConcurrency ? null : this.#firstMoment();
  }

  /** Lateness since the last call, which starts anew. */
  readLateness(): Lateness {
    const runs = this.#lateRuns;
    const lateness = { runs, maxMs: this.#lateMaxMs, meanMs: runs === 0 ? 0 : this.#lateSumMs / runs };
    this.#lateRuns = this.#lateMaxMs = this.#lateSumMs = 0;
    return lateness;
  }

  #wait(key: string, moment: number): void {
    this.#waiting.set(key, moment);
    const keys = this.#keysAt.get(moment);
    if (keys !== undefined) {
      keys.add(key);
      return;
    }
    this.#keysAt.set(moment, new Set([key]));
    this.#moments.add(moment);
  }

  #leave(key: string): boolean {
    const moment = this.#waiting.get(key);
    if (moment === undefined) return false;
    this.#waiting.delete(key);
    const keys = this.#keysAt.get(moment);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysAt.delete(moment);
    return true;
  }

  #firstMoment(): number | null {
    for (;;) {
      const { first } = this.#moments;
      if (first === null || this.#keysAt.has(first)) return first;
      this.#moments.removeFirst();
    }
  }

  #recordLateness(lateMs: number): void {
    this.#lateRuns += 1;
    this.#lateSumMs += lateMs;
    this.#lateMaxMs = Math.max(this.#lateMaxMs, lateMs);
  }
}
