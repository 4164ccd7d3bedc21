import { type CheckChange, type CheckPass, type CheckState, passedAgain, type SetTimer } from "@lbctl/checkers";
import type { ViewChange } from "../../control/view.ts";

/** States of checks for people to look at, by check key. */
export type CheckViews = Pick<ViewChange, "checks" | "passes">;

type PassView = NonNullable<ViewChange["passes"]>[number];

/** A failure, or another health. */
const newsAfterMs = 200;
/** One more success: with 10,000 checks, and with few that would otherwise let this process sleep, once a second is enough. */
const sameAfterMs = 1000;

/** Gathers the results of checks, of which people are shown the last, and hands them on now and then. */
export class ShownChecks {
  readonly #setTimer: SetTimer;
  readonly #show: (change: CheckViews) => void;
  readonly #waiting = new Map<string, CheckState>();
  #cancel: () => void = () => {};
  #ended = false;
  #afterMs: number | null = null;

  constructor(setTimer: SetTimer, show: (change: CheckViews) => void) {
    this.#setTimer = setTimer;
    this.#show = show;
  }

  add(changes: readonly CheckChange[]): void {
    if (changes.length === 0 || this.#ended) return;
    let news = false;
    for (const { key, state, transition } of changes) {
      this.#waiting.set(key, state);
      news ||= transition !== null || state.failures > 0;
    }
    const afterMs = news ? newsAfterMs : sameAfterMs;
    if (this.#afterMs !== null && this.#afterMs <= afterMs) return;
    this.#cancel();
    this.#afterMs = afterMs;
    this.#cancel = this.#setTimer(() => this.#flush(), afterMs);
  }

  /** Of checks that go on passing, which come once a second: they are shown at once, but not before a state that waits. */
  passed(passes: readonly CheckPass[]): void {
    if (this.#ended) return;
    const others = new Map<string, PassView>();
    for (const { key, latencyMs, checkedEpochMs } of passes) {
      const pass = { key, latencyMs, checkedEpochMs };
      const state = this.#waiting.get(key);
      if (state === undefined) others.set(key, pass);
      else this.#waiting.set(key, passedAgain(state, pass));
    }
    if (others.size > 0) this.#show({ passes: [...others.values()] });
  }

  /** Shows at once what waits, and nothing more. */
  end(): void {
    this.#cancel();
    this.#ended = true;
    if (this.#waiting.size > 0) this.#flush();
  }

  #flush(): void {
    this.#afterMs = null;
    const checks = Array.from(this.#waiting, ([key, state]) => ({ key, state }));
    this.#waiting.clear();
    this.#show({ checks });
  }
}
