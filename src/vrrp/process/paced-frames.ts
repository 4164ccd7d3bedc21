interface PacedFrame {
  /** Whose it is: any object. */
  readonly owner: object;
  readonly send: () => void;
}

/** Frames of one group, of which the first waits for its turn. */
interface Queue {
  frames: PacedFrame[];
  intervalMs: number;
  /** Of the monotonic clock. */
  notBeforeMs: number;
}

/** Those of one group go out one by one, with at least the group's time between them. */
export class PacedFrames {
  /** By group; present while a timer runs. */
  readonly #queues = new Map<string, Queue>();

  /** Sends it now, where the last of its group is long enough ago, or in its turn. */
  add(frame: PacedFrame, group: string, intervalUs: number): void {
    if (intervalUs === 0) {
      frame.send();
      return;
    }
    const intervalMs = intervalUs / 1000;
    const queue = this.#queues.get(group);
    if (queue !== undefined) {
      queue.intervalMs = intervalMs;
      queue.frames.push(frame);
      return;
    }
    const first: Queue = { frames: [frame], intervalMs, notBeforeMs: performance.now() };
    this.#queues.set(group, first);
    this.#next(group, first);
  }

  #next(group: string, queue: Queue): void {
    // Node's timers count whole milliseconds, and may be early by a part of one.
    if (queue.notBeforeMs <= performance.now()) {
      const frame = queue.frames.shift();
      if (frame === undefined) {
        this.#queues.delete(group);
        return;
      }
      frame.send();
      queue.notBeforeMs = performance.now() + queue.intervalMs;
    }
    setTimeout(() => this.#next(group, queue), Math.ceil(queue.notBeforeMs - performance.now()));
  }

  /** Whether something of this owner has not gone out yet. */
  isWaiting(owner: object): boolean {
    return [...this.#queues.values()].some(({ frames }) => frames.some((frame) => frame.owner === owner));
  }

  drop(owner: object): void {
    for (const queue of this.#queues.values()) queue.frames = queue.frames.filter((frame) => frame.owner !== owner);
  }

  clear(): void {
    for (const queue of this.#queues.values()) queue.frames = [];
  }
}
