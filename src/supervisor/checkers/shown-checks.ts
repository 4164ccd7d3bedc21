import { type CheckChange, type CheckPass, type CheckState, passedAgain, type SetTimer } from "@lbctl/checkers";
import type { ViewChange } from "../../control/view.ts";

/** States of checks for people to look at, by check key. */
export type CheckViews = Pick<ViewChange, "checks" | "passes">;

type PassView = NonNullable<ViewChange["passes"]>[number];

/** A failure, or another health. */
const newsAfterMs = 200;
/** One more success: with 10,000 checks, and with few that would otherwise let this process sleep, once a second is enough. */
const sameAfterMs = 1000;

/** Passes a change on; `onTaken` is called once the channel has taken it. */
export type ShowChecks = (change: CheckViews, onTaken: () => void) => void;

/**
 * Gathers the results of checks, of which people are shown the last, and hands them on now and then. While the channel is full (the
 * supervisor gets no CPU) they stay here, one of each check, instead of piling up in it.
 */
export class ShownChecks {
  readonly #setTimer: SetTimer;
  readonly #show: ShowChecks;
  readonly #waiting = new Map<string, CheckState>();
  readonly #passes = new Map<string, PassView>();
  #cancel: () => void = () => {};
  #ended = false;
  #afterMs: number | null = null;
  #underWay = false;
  /** What was due while another was under way: how long after that it comes. */
  #heldMs: number | null = null;

  constructor(setTimer: SetTimer, show: ShowChecks) {
    this.#setTimer = setTimer;
    this.#show = show;
  }

  add(changes: readonly CheckChange[]): void {
    if (changes.length === 0 || this.#ended) return;
    let news = false;
    for (const { key, state, transition } of changes) {
      this.#waiting.set(key, state);
      this.#passes.delete(key);
      news ||= transition !== null || state.failures > 0;
    }
    this.#later(news ? newsAfterMs : sameAfterMs);
  }

  /** Of checks that go on passing, which come once a second: they are shown at once, but not before a state that waits. */
  passed(passes: readonly CheckPass[]): void {
    if (this.#ended) return;
    for (const { key, latencyMs, checkedEpochMs } of passes) {
      const pass = { key, latencyMs, checkedEpochMs };
      const state = this.#waiting.get(key);
      if (state === undefined) this.#passes.set(key, pass);
      else this.#waiting.set(key, passedAgain(state, pass));
    }
    if (this.#passes.size === 0) return;
    if (this.#underWay) this.#later(newsAfterMs);
    else this.#handOn({ passes: this.#takePasses() });
  }

  /** Shows at once what waits, and nothing more. */
  end(): void {
    this.#cancel();
    this.#ended = true;
    this.#flush();
  }

  #later(afterMs: number): void {
    if (this.#underWay) {
      this.#heldMs = Math.min(afterMs, this.#heldMs ?? afterMs);
      return;
    }
    if (this.#afterMs !== null && this.#afterMs <= afterMs) return;
    this.#cancel();
    this.#afterMs = afterMs;
    this.#cancel = this.#setTimer(() => {
      this.#afterMs = null;
      if (this.#underWay) this.#later(newsAfterMs);
      else this.#flush();
    }, afterMs);
  }

  #flush(): void {
    const checks = Array.from(this.#waiting, ([key, state]) => ({ key, state }));
    const passes = this.#takePasses();
    this.#waiting.clear();
    if (checks.length + passes.length === 0) return;
    this.#handOn({ ...(checks.length > 0 && { checks }), ...(passes.length > 0 && { passes }) });
  }

  #takePasses(): readonly PassView[] {
    const passes = [...this.#passes.values()];
    this.#passes.clear();
    return passes;
  }

  #handOn(change: CheckViews): void {
    this.#underWay = true;
    this.#show(change, () => {
      this.#underWay = false;
      const heldMs = this.#heldMs;
      this.#heldMs = null;
      if (heldMs !== null && !this.#ended) this.#later(heldMs);
    });
  }
}
