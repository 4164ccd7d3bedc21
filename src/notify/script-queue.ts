/** One thing to do for a target: an instance, a group, a virtual server. */
export interface Job<T> {
  readonly target: string;
  readonly work: T;
}

/**
 * Which scripts may run now. Of one target one at a time, in the order in which they were asked for; of all targets together at most
 * so many. Pure but for its own memory: who calls `add` and `finished` starts what they return.
 */
export class ScriptQueue<T> {
  readonly #limit: number;
  /** Targets with a running job, each with what waits behind it. */
  readonly #waiting = new Map<string, T[]>();
  /** Jobs whose target is free, but there are too many others. */
  readonly #ready: Job<T>[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many have not been started yet. */
  get length(): number {
    let length = this.#ready.length;
    for (const waiting of this.#waiting.values()) length += waiting.length;
    return length;
  }

  get running(): number {
    return this.#running;
  }

  /** The job to start now, if any. */
  add(job: Job<T>): Job<T> | null {
    const waiting = this.#waiting.get(job.target);
    if (waiting !== undefined) {
      waiting.push(job.work);
      return null;
    }
    this.#waiting.set(job.target, []);
    this.#ready.push(job);
    return this.#next();
  }

  /** A job of this target has ended. The job to start now, if any. */
  finished(target: string): Job<T> | null {
    this.#running--;
    const waiting = this.#waiting.get(target);
    const work = waiting?.shift();
    if (work === undefined) this.#waiting.delete(target);
    else this.#ready.push({ target, work });
    return this.#next();
  }

  /** Gives up what waits, but for the last job of each target: what it would have come to. In the order of the targets. */
  drain(): Job<T>[] {
    const last = new Map<string, T>(this.#ready.map(({ target, work }) => [target, work]));
    this.#ready.length = 0;
    for (const [target, waiting] of this.#waiting) {
      const work = waiting.pop();
      if (work !== undefined) last.set(target, work);
      waiting.length = 0;
    }
    return [...last].map(([target, work]) => ({ target, work }));
  }

  #next(): Job<T> | null {
    if (this.#running >= this.#limit) return null;
    const job = this.#ready.shift();
    if (job === undefined) return null;
    this.#running++;
    return job;
  }
}
