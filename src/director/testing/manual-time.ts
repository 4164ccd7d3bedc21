import type { Instant } from "@lbctl/checkers";
import type { Clock } from "../clock.ts";

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** A clock that moves when told to. Everything that is awaited between two timers must be microtasks. */
export class ManualTime implements Clock {
  #nowMs = 0;
  #setByMs = 0;
  readonly #timers = new Set<Timer>();

  readonly now = (): Instant => ({
    monotonicMs: this.#nowMs,
    epochMs: 1_700_000_000_000 + this.#nowMs + this.#setByMs,
  });

  readonly setTimer = (callback: () => void, delayMs: number): (() => void) => {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Sets the wall clock; timers do not mind. */
  setWallClock(byMs: number): void {
    this.#setByMs += byMs;
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.setTimer(resolve, delayMs));
  }

  /** Lets all pending microtasks end. */
  settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Moves on by `ms`, firing what falls due in order. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await this.settle();
    for (;;) {
      let next: Timer | null = null;
      for (const timer of this.#timers) {
        if (timer.dueMs <= untilMs && (next === null || timer.dueMs < next.dueMs)) next = timer;
      }
      if (next === null) break;
      this.#timers.delete(next);
      this.#nowMs = next.dueMs;
      next.callback();
      await this.settle();
    }
    this.#nowMs = untilMs;
  }

  /** Moves on, at most `limitMs`, until the promise has settled. */
  async until<T>(promise: Promise<T>, limitMs = 600_000): Promise<T> {
    let settled = false;
    const done = promise.finally(() => {
      settled = true;
    });
    done.catch(() => {});
    const endMs = this.#nowMs + limitMs;
    await this.settle();
    while (!settled && this.#nowMs < endMs) await this.advance(10);
    if (!settled) throw new Error(`not settled within ${limitMs} ms`);
    return done;
  }
}
