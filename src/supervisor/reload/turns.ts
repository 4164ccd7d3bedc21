/** Tasks that are carried out one after the other, in the order in which they were asked for. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves when what was asked for so far is over; never rejects. */
  get over(): Promise<unknown> {
    return this.#last;
  }

  take<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(task);
    this.#last = done.catch(() => {});
    return done;
  }

  /** Has the task carried out each time it is called; all calls before its turn comes are one. */
  shared<T>(task: () => Promise<T>): () => Promise<T> {
    let next: Promise<T> | null = null;
    return () => {
      next ??= this.take(() => {
        next = null;
        return task();
      });
      return next;
    };
  }
}
