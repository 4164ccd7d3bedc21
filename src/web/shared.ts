import { performance } from "node:perf_hooks";

/** A value that is dear to make: who asks while it is made, or soon after, gets the same. A failure is nobody else's. */
export class Shared<T> {
  readonly #freshMs: number;
  readonly #make: () => Promise<T>;
  #value: Promise<T> | null = null;
  /** Since when the value is as it is; +∞ while it is being made. */
  #madeMs = Number.POSITIVE_INFINITY;

  constructor(freshMs: number, make: () => Promise<T>) {
    this.#freshMs = freshMs;
    this.#make = make;
  }

  get(): Promise<T> {
    if (this.#value !== null && performance.now() - this.#madeMs < this.#freshMs) return this.#value;
    this.#madeMs = Number.POSITIVE_INFINITY;
    const value = this.#make().then(
      (made) => {
        this.#madeMs = performance.now();
        return made;
      },
      (error: unknown) => {
        if (this.#value === value) this.#value = null;
        throw error;
      },
    );
    this.#value = value;
    return value;
  }
}
