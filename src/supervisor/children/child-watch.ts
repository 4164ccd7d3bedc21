import type { Logger } from "../../log/logger.ts";

/** How often a process is asked whether it answers. */
const everyMs = 1_000;
/** For one that has said nothing yet: a busy machine may take its time to start it. */
const startingPings = 60;

/** A child as this watch sees it. */
export interface WatchedChild {
  /** "VRRP": completes "the ... process". */
  readonly role: string;
  /** Null while none runs. */
  readonly pid: number | null;
  /** What was asked since it last said anything. */
  readonly unanswered: number;
  readonly hasSpoken: boolean;
  /** Seconds without an answer after which it hangs. */
  readonly hungAfterS: number;
  /** How many of them it only waited for a processor; 0 where that is no excuse. */
  waitedS(): number;
  /** How often it was started after the first time. */
  readonly restarts: number;
  ask(): void;
  kill(): void;
  /** Where its process id is to be found. */
  writePidFile(): void;
}

/** How a process of ours is, for who shows it. */
export interface ProcessState {
  /** "vrrp", "checker", ... */
  readonly role: string;
  /** Null while none runs. */
  readonly pid: number | null;
  /** How often it was started again. */
  readonly restarts: number;
  readonly answers: boolean;
}

export interface ChildWatchOptions {
  /** A process that ends unasked is not started again, but told here (-R); null: it is started again. */
  readonly onDeath: ((message: string) => void) | null;
  readonly log: Logger;
}

/**
 * Asks the other processes every second whether they answer, and kills one that has not for too long: it is started again as after
 * any death. Questions are counted, not time: while this process or the whole machine stands still, nobody is asked. Nor is one killed
 * that has not answered because it got no processor: another one would need more of it.
 */
export class ChildWatch {
  readonly #options: ChildWatchOptions;
  readonly #children = new Set<WatchedChild>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ChildWatchOptions) {
    this.#options = options;
  }

  /** Whether processes that end are started again. */
  get respawns(): boolean {
    return this.#options.onDeath === null;
  }

  /** None of them hangs. */
  get allAnswer(): boolean {
    return [...this.#children].every((child) => !hangs(child));
  }

  /** By role the last one that was made. */
  states(): readonly ProcessState[] {
    const children = new Map([...this.#children].map((child) => [child.role.toLowerCase(), child]));
    return Array.from(children, ([role, child]) => ({
      role,
      pid: child.pid,
      restarts: child.restarts,
      answers: !hangs(child),
    }));
  }

  add(child: WatchedChild): void {
    this.#children.add(child);
  }

  /** What was kept from the outside while a predecessor still acted. */
  writePidFiles(): void {
    for (const child of this.#children) child.writePidFile();
  }

  died(role: string, cause: string): void {
    this.#options.onDeath?.(`the ${role} process ended (${cause})`);
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#look(), everyMs).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    for (const child of this.#children) {
      if (child.pid === null) continue;
      if (hangs(child)) {
        this.#options.log.error(
          `the ${child.role} process ${child.pid} has not answered for ${child.unanswered} s: it is killed`,
          { event: "process_hung", process: child.role },
        );
        child.kill();
      } else if (child.unanswered === patienceWith(child)) {
        this.#options.log.warning(
          `the ${child.role} process ${child.pid} has not answered for ${child.unanswered} s: it waits for a processor, this machine has too little CPU`,
        );
      }
      child.ask();
    }
  }
}

function hangs(child: WatchedChild): boolean {
  const { pid, unanswered } = child;
  const patience = patienceWith(child);
  return pid !== null && unanswered >= patience && unanswered - child.waitedS() >= patience;
}

function patienceWith({ hasSpoken, hungAfterS }: WatchedChild): number {
  return hasSpoken ? hungAfterS : Math.max(startingPings, hungAfterS);
}
