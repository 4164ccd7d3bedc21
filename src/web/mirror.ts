import type { EventEntry } from "../control/event-log.ts";
import type { View } from "../control/view.ts";
import { updatedView } from "../control/view-news.ts";
import type { Told } from "./told.ts";

/** What is known here of the director. */
export interface Known {
  readonly view: View;
  readonly told: Told;
}

export interface MirrorOptions {
  /** Asks the supervisor what is new. */
  readonly ask: (eventsFrom: number) => void;
  readonly nowMs: () => number;
}

/** Younger than this it is not asked for again: several who look share one answer. */
const freshMs = 500;
/** Without an answer for so long the supervisor hangs. */
const patienceMs = 5_000;
/** Events that are kept for who opens the page. */
const keptEvents = 200;

/** The supervisor has not answered. */
export class SupervisorSilent extends Error {}

/** A copy of what the supervisor knows, brought up to date when somebody wants to know. */
export class Mirror {
  readonly #options: MirrorOptions;
  #known: Known | null = null;
  #toldMs = Number.NEGATIVE_INFINITY;
  #asking: { readonly answer: Promise<Known>; readonly resolve: (known: Known) => void } | null = null;
  #events: EventEntry[] = [];

  constructor(options: MirrorOptions) {
    this.#options = options;
  }

  /** The last events, oldest first. */
  get events(): readonly EventEntry[] {
    return this.#events;
  }

  /** @throws SupervisorSilent */
  async refresh(): Promise<Known> {
    if (this.#known !== null && this.#options.nowMs() - this.#toldMs < freshMs) return this.#known;
    if (this.#asking === null) {
      const { promise: answer, resolve } = Promise.withResolvers<Known>();
      this.#asking = { answer, resolve };
      this.#options.ask((this.#events.at(-1)?.seq ?? 0) + 1);
    }
    const { answer } = this.#asking;
    const silent = Promise.withResolvers<never>();
    const timer = setTimeout(() => silent.reject(new SupervisorSilent("the supervisor does not answer")), patienceMs);
    try {
      return await Promise.race([answer, silent.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  told(told: Told): void {
    const view = updatedView(this.#known?.view ?? null, told.view);
    if (view === null) return;
    this.#known = { view, told };
    this.#toldMs = this.#options.nowMs();
    this.#events = [...this.#events, ...told.events].slice(-keptEvents);
    this.#asking?.resolve(this.#known);
    this.#asking = null;
  }
}
