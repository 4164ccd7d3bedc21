import type { AnnouncePlan, AnnounceRounds } from "../machine/action.ts";
import type { AnnouncedAddress } from "./announcement.ts";
import type { AnnouncementSocket } from "./announcement-socket.ts";
import { PacedFrames } from "./paced-frames.ts";

export interface AnnouncerOptions {
  /** Least time between two frames on an interface, in microseconds; 0 is none. Interfaces of one `group` share it. */
  readonly pace: (link: string, family: "inet" | "inet6") => { readonly group: string; readonly intervalUs: number };
  readonly socket: Pick<AnnouncementSocket, "send" | "close">;
}

/** What an instance announces: looked up at each round, as addresses, interfaces and MACs may be others by then. */
export type Addresses = () => readonly AnnouncedAddress[];

/** Once each time, beside the plan. */
export interface ExtraRounds {
  readonly everyMs: number;
  readonly addresses: Addresses;
}

/** What one instance has still to say; its frames that wait for their pace belong to it. */
interface Saying {
  readonly timers: Set<NodeJS.Timeout>;
}

/** Tells neighbours of addresses, in rounds and at a pace. */
export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #plans = new Map<string, Saying>();
  /** Beside the plans, over a rival. */
  readonly #overRivals = new Map<string, Saying>();
  readonly #paced = new PacedFrames();

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** Carries a plan out; the rounds of what was to be said before are dropped. */
  announce(instance: string, addresses: Addresses, plan: AnnouncePlan, extra: ExtraRounds | null = null): void {
    this.stop(instance);
    const saying = this.#begin(this.#plans, instance);
    this.#say(saying, addresses, plan);
    if (plan.refresh !== null) this.#repeat(saying, addresses, plan.refresh);
    if (extra !== null) this.#repeat(saying, extra.addresses, { everyMs: extra.everyMs, repeat: 1 });
  }

  /** Beside the plan. While what was said over a rival last still waits for its pace, that is enough. */
  announceOverRival(instance: string, addresses: Addresses, rounds: AnnounceRounds): void {
    const before = this.#overRivals.get(instance);
    if (before !== undefined && this.#paced.isWaiting(before)) return;
    this.#end(this.#overRivals, instance);
    this.#say(this.#begin(this.#overRivals, instance), addresses, rounds);
  }

  stop(instance: string): void {
    this.#end(this.#plans, instance);
    this.#end(this.#overRivals, instance);
  }

  /** Says nothing more. */
  end(): void {
    for (const instance of [...this.#plans.keys(), ...this.#overRivals.keys()]) this.stop(instance);
    this.#paced.clear();
  }

  close(): void {
    this.end();
    this.#options.socket.close();
  }

  #begin(sayings: Map<string, Saying>, instance: string): Saying {
    const saying: Saying = { timers: new Set() };
    sayings.set(instance, saying);
    return saying;
  }

  #end(sayings: Map<string, Saying>, instance: string): void {
    const saying = sayings.get(instance);
    if (saying === undefined) return;
    for (const timer of saying.timers) clearTimeout(timer);
    this.#paced.drop(saying);
    sayings.delete(instance);
  }

  /** Now, and once more. */
  #say(saying: Saying, addresses: Addresses, { repeat, second }: AnnounceRounds): void {
    if (repeat > 0) this.#round(saying, addresses(), repeat);
    if (second === null) return;
    saying.timers.add(setTimeout(() => this.#round(saying, addresses(), second.repeat), second.afterMs));
  }

  #repeat(saying: Saying, addresses: Addresses, { everyMs, repeat }: NonNullable<AnnouncePlan["refresh"]>): void {
    const round = () => {
      // What comes while the last one still waits for its pace adds nothing: or ever more would wait.
      if (!this.#paced.isWaiting(saying)) this.#round(saying, addresses(), repeat);
    };
    saying.timers.add(setInterval(round, everyMs));
  }

  #round(saying: Saying, addresses: readonly AnnouncedAddress[], repeat: number): void {
    const { pace, socket } = this.#options;
    for (let time = 0; time < repeat; time++) {
      for (const announced of addresses) {
        const { group, intervalUs } = pace(announced.link.name, announced.family);
        this.#paced.add({ owner: saying, send: () => socket.send(announced) }, group, intervalUs);
      }
    }
  }
}
