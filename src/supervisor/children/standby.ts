/** The child has ended before it did what it was started for. */
export class StandbyFailed extends Error {
  readonly hint = "Its last words are in the log.";
}

/** What a child has to tell before somebody who waits goes on. */
type Stage = "stands" | "acts";

/** The life of a child that begins beside one of another supervisor: it gets ready, and acts when that one has ended. */
export class Standby {
  #waiting: (PromiseWithResolvers<void> & { readonly stage: Stage }) | null = null;
  #begun = false;

  /** Whether a process that is started now has to stand by. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Resolves when the child stands by. @throws StandbyFailed */
  begin(start: () => void): Promise<void> {
    this.#begun = true;
    return this.#wait("stands", start);
  }

  /** Resolves when the child acts; `tell` has it act, and says whether it could be told. @throws StandbyFailed */
  async take(tell: () => boolean): Promise<void> {
    await this.#wait("acts", () => {
      if (!tell()) this.failed("its process does not run");
    });
  }

  /**
   * Goes on where nobody else will: `start` starts a child that stands by, `take` has it act. One that dies over it is started
   * again as any other, and acts at once.
   * @throws StandbyFailed
   */
  async resume(start: () => void, take: () => Promise<void>): Promise<void> {
    try {
      await this.begin(start);
      await take();
    } finally {
      this.#begun = false;
    }
  }

  stands(): void {
    if (this.#waiting?.stage === "stands") this.#waiting.resolve();
  }

  /** It acts, as does every process that is started from now on. */
  taken(): void {
    this.#begun = false;
    this.#waiting?.resolve();
  }

  /** Says whether somebody waited. */
  failed(why: string): boolean {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(new StandbyFailed(why));
    return waiting !== null;
  }

  async #wait(stage: Stage, begin: () => void): Promise<void> {
    const waiting = { ...Promise.withResolvers<void>(), stage };
    this.#waiting = waiting;
    begin();
    await waiting.promise.finally(() => {
      if (this.#waiting === waiting) this.#waiting = null;
    });
  }
}
