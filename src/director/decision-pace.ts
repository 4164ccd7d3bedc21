import type { Clock } from "./clock.ts";

/** How often what is only said of a real server is brought up to date. */
const saidEveryMs = 1000;
/** Deciding may take this part of the time, and no news wait longer than that. */
const share = 1 / 5;
const longestWaitMs = 250;

/**
 * When virtual servers are decided on. News of health are acted on at once; but where deciding takes long, as with thousands of real
 * servers in one virtual server, what comes in the meantime is decided on together. What a failing check says now, which
 * changes no table, can wait a second.
 */
export class DecisionPace {
  readonly #clock: Clock;
  readonly #decide: (virtualServers: ReadonlySet<string>) => void;
  #waiting = new Set<string>();
  #dueMs: number | null = null;
  #cancel: () => void = () => {};
  /** Not decided again before this. */
  #restUntilMs = 0;

  constructor(clock: Clock, decide: (virtualServers: ReadonlySet<string>) => void) {
    this.#clock = clock;
    this.#decide = decide;
  }

  /** Health of their real servers has changed. */
  changed(virtualServers: ReadonlySet<string>): void {
    if (virtualServers.size === 0) return;
    this.#add(virtualServers);
    const { monotonicMs } = this.#clock.now();
    if (monotonicMs >= this.#restUntilMs) this.#run();
    else this.#runAt(this.#restUntilMs, monotonicMs);
  }

  /** Only what is said of their real servers has changed. */
  restated(virtualServers: ReadonlySet<string>): void {
    if (virtualServers.size === 0) return;
    this.#add(virtualServers);
    const { monotonicMs } = this.#clock.now();
    this.#runAt(monotonicMs + saidEveryMs, monotonicMs);
  }

  /** Nothing is decided any more. */
  stop(): void {
    this.#cancel();
    this.#dueMs = null;
    this.#waiting.clear();
  }

  #add(virtualServers: ReadonlySet<string>): void {
    for (const name of virtualServers) this.#waiting.add(name);
  }

  #runAt(dueMs: number, nowMs: number): void {
    if (this.#dueMs !== null && this.#dueMs <= dueMs) return;
    this.#cancel();
    this.#dueMs = dueMs;
    this.#cancel = this.#clock.setTimer(() => this.#run(), dueMs - nowMs);
  }

  #run(): void {
    this.#cancel();
    this.#dueMs = null;
    const virtualServers = this.#waiting;
    this.#waiting = new Set();
    const startMs = this.#clock.now().monotonicMs;
    this.#decide(virtualServers);
    const endMs = this.#clock.now().monotonicMs;
    this.#restUntilMs = endMs + Math.min(longestWaitMs, (endMs - startMs) * (1 / share - 1));
  }
}
