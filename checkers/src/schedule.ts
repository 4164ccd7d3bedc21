import { IndexedHeap } from "./heap.ts";

export interface ScheduleOptions {
  /** Runs under way at once; what is due beyond that waits, oldest first. */
  readonly maxConcurrency: number;
  /** Wake-ups lie on multiples of this, so that checks due close together start together. */
  readonly tickMs: number;
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
 * late but never adds any.
 */
export class Schedule {
  readonly #waiting = new IndexedHeap();
  readonly #running = new Set<string>();
  readonly #options: ScheduleOptions;
  #lateRuns = 0;
  #lateMaxMs = 0;
  #lateSumMs = 0;

  constructor(options: ScheduleOptions) {
    this.#options = options;
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
  add(key: string, dueMs: number): void {
    if (!this.#running.has(key) && !this.#waiting.has(key)) this.#waiting.set(key, dueMs);
  }

  /** Forgets the key; true when it was running, so that its run can be cancelled. */
  remove(key: string): boolean {
    this.#waiting.delete(key);
    return this.#running.delete(key);
  }

  /** Makes a waiting key due at once; a running one is left to finish. */
  expedite(key: string, nowMs: number): void {
    if (this.#waiting.has(key)) this.#waiting.set(key, nowMs);
  }

  /** The keys to start now, oldest due first. They are running from here until `finish` or `remove`. */
  takeDue(nowMs: number): string[] {
    const due: string[] = [];
    while (this.#running.size < this.#options.maxConcurrency) {
      const dueMs = this.#waiting.peekPriority();
      if (dueMs === null || dueMs > nowMs) break;
      const key = this.#waiting.peekKey() as string;
      this.#waiting.delete(key);
      this.#running.add(key);
      due.push(key);
      this.#recordLateness(nowMs - dueMs);
    }
    return due;
  }

  /** The run is over and the key waits for its next moment. False when it was removed meanwhile. */
  finish(key: string, dueMs: number): boolean {
    if (!this.#running.delete(key)) return false;
    this.#waiting.set(key, dueMs);
    return true;
  }

  /**
   * When `takeDue` next has something to start: null while nothing waits, and while all runs that may be under way are,
   * since then the next `finish` is the moment.
   */
  nextWakeMs(): number | null {
    const dueMs = this.#waiting.peekPriority();
    if (dueMs === null || this.#running.size >= this.#options.maxConcurrency) return null;
    return Math.ceil(dueMs / this.#options.tickMs) * this.#options.tickMs;
  }

  /** Lateness since the last call, which starts anew. */
  readLateness(): Lateness {
    const runs = this.#lateRuns;
    const lateness = { runs, maxMs: this.#lateMaxMs, meanMs: runs === 0 ? 0 : this.#lateSumMs / runs };
    this.#lateRuns = this.#lateMaxMs = this.#lateSumMs = 0;
    return lateness;
  }

  #recordLateness(lateMs: number): void {
    this.#lateRuns += 1;
    this.#lateSumMs += lateMs;
    this.#lateMaxMs = Math.max(this.#lateMaxMs, lateMs);
  }
}
