/** Something that is wanted many times at once, and done once, a little later. */
export class Soon {
  readonly #act: () => void;
  readonly #delayMs: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(act: () => void, delayMs: number) {
    this.#act = act;
    this.#delayMs = delayMs;
  }

  call(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#act();
    }, this.#delayMs);
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
