interface PacedFrame {
  readonly owner: string;
  readonly send: () => void;
}

/** Frames that wait for their turn: those of one group go out one by one, with the group's least time between them. */
export class PacedFrames {
  /** What waits, by group; present while a timer runs. */
  readonly #waiting = new Map<string, PacedFrame[]>();

  /** Sends it now, where the last of its group is long enough ago, or in its turn. */
  add(frame: PacedFrame, group: string, intervalUs: number): void {
    if (intervalUs === 0) {
      frame.send();
      return;
    }
    const waiting = this.#waiting.get(group);
    if (waiting !== undefined) {
      waiting.push(frame);
      return;
    }
    this.#waiting.set(group, []);
    frame.send();
    const timer = setInterval(() => {
      const next = this.#waiting.get(group)?.shift();
      if (next !== undefined) {
        next.send();
        return;
      }
      clearInterval(timer);
      this.#waiting.delete(group);
    }, intervalUs / 1000);
  }

  /** Whether something of this owner has not gone out yet. */
  isWaiting(owner: string): boolean {
    return [...this.#waiting.values()].some((frames) => frames.some((frame) => frame.owner === owner));
  }

  drop(owner: string): void {
    for (const [group, frames] of this.#waiting) {
      this.#waiting.set(
        group,
        frames.filter((frame) => frame.owner !== owner),
      );
    }
  }

  clear(): void {
    this.#waiting.clear();
  }
}
