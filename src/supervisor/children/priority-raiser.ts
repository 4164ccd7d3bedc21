import { performance } from "node:perf_hooks";
import type { AutoPriority } from "../../config/process-model.ts";

/** How often it is measured whether this process runs when it should. */
const everyMs = 250;
/** The least of SCHED_RR, on every Linux. */
const firstPriority = 1;

/** The real-time priority that a process takes which ran so late; null: none other. Pure. `current` is null for ordinary scheduling. */
export function raisedPriority(
  current: number | null,
  lateUs: number,
  { max, minDelayUs }: AutoPriority,
): number | null {
  if (lateUs < minDelayUs) return null;
  if (current === null) return firstPriority;
  return current < max ? current + 1 : null;
}

/** Measures how late this process runs, and asks for a higher priority when that is too late (max_auto_priority). */
export class PriorityRaiser {
  readonly #onRaise: (priority: number, lateUs: number) => void;
  readonly #nowMs: () => number;
  #settings: AutoPriority | null = null;
  #configured: number | null = null;
  #raised: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(onRaise: (priority: number, lateUs: number) => void, nowMs = () => performance.now()) {
    this.#onRaise = onRaise;
    this.#nowMs = nowMs;
  }

  /** What it was raised to; null: it was not. */
  get priority(): number | null {
    return this.#raised;
  }

  /** Measures from here on, starting from the configured priority; null settings: no more. */
  configure(settings: AutoPriority | null, priority: number | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#settings = settings;
    this.#configured = priority;
    this.#raised = null;
    if (settings !== null) this.#wait();
  }

  #wait(): void {
    const dueMs = this.#nowMs() + everyMs;
    this.#timer = setTimeout(() => {
      this.#measured((this.#nowMs() - dueMs) * 1000);
      this.#wait();
    }, everyMs).unref();
  }

  #measured(lateUs: number): void {
    if (this.#settings === null) return;
    const priority = raisedPriority(this.#raised ?? this.#configured, lateUs, this.#settings);
    if (priority === null) return;
    this.#raised = priority;
    this.#onRaise(priority, lateUs);
  }
}
