/** The end of masters that answer for their addresses until other routers do. */
export class Leaving {
  readonly #isLeaving: () => boolean;
  #over: (() => void) | null = null;

  constructor(isLeaving: () => boolean) {
    this.#isLeaving = isLeaving;
  }

  /** After they began to. Resolves when none does any more, or when they have had that long. */
  async over(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#over = resolve;
    const patience = setTimeout(resolve, withinMs);
    this.look();
    await promise;
    clearTimeout(patience);
  }

  /** Something has happened to one of them. */
  look(): void {
    if (this.#over !== null && !this.#isLeaving()) this.#over();
  }
}
