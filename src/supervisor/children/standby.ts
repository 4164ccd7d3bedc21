/** The child has ended before it did what it was started for. */
export class StandbyFailed extends Error {
  readonly hint = "Its last words are in the log.";
}

/** The life of a child that begins beside one of another supervisor: it gets ready, and acts when that one has ended. */
export class Standby {
  #waiting: PromiseWithResolvers<void> | null = null;
  #begun = false;

  /** Whether a process that is started now has to stand by. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Resolves when the child stands by. @throws StandbyFailed */
  begin(start: () => void): Promise<void> {
    this.#begun = true;
    return this.#wait(start);
  }

  /** Resolves when the child acts; `tell` has it act, and says whether it could be told. @throws StandbyFailed */
  async take(tell: () => boolean): Promise<void> {
    await this.#wait(() => {
      if (!tell()) this.failed("its process does not run");
    });
  }

  stands(): void {
    this.#waiting?.resolve();
  }

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

  async #wait(begin: () => void): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    this.#waiting = waiting;
    begin();
    await waiting.promise.finally(() => {
      if (this.#waiting === waiting) this.#waiting = null;
    });
  }
}
