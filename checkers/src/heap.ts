/**
 * Keys ordered by a number, smallest first; equal numbers leave in the order in which they came. Every operation is
 * O(log n), also moving and removing a key in the middle.
 */
export class IndexedHeap {
  #keys: string[] = [];
  #priorities: number[] = [];
  #sequences: number[] = [];
  readonly #position = new Map<string, number>();
  #nextSequence = 0;

  get size(): number {
    return this.#keys.length;
  }

  peekKey(): string | null {
    return this.#keys[0] ?? null;
  }

  /** Smallest priority, or null when empty. */
  peekPriority(): number | null {
    return this.#priorities[0] ?? null;
  }

  has(key: string): boolean {
    return this.#position.has(key);
  }

  /** Adds the key, or moves it to its new priority. */
  set(key: string, priority: number): void {
    this.delete(key);
    const last = this.#keys.length;
    this.#place(last, key, priority, this.#nextSequence++);
    this.#up(last);
  }

  delete(key: string): boolean {
    const at = this.#position.get(key);
    if (at === undefined) return false;
    this.#position.delete(key);
    const lastKey = this.#keys.pop() as string;
    const lastPriority = this.#priorities.pop() as number;
    const lastSequence = this.#sequences.pop() as number;
    if (at < this.#keys.length) {
      this.#place(at, lastKey, lastPriority, lastSequence);
      this.#up(at);
      this.#down(at);
    }
    return true;
  }

  #place(at: number, key: string, priority: number, sequence: number): void {
    this.#keys[at] = key;
    this.#priorities[at] = priority;
    this.#sequences[at] = sequence;
    this.#position.set(key, at);
  }

  #before(a: number, b: number): boolean {
    const difference = (this.#priorities[a] as number) - (this.#priorities[b] as number);
    return difference < 0 || (difference === 0 && (this.#sequences[a] as number) < (this.#sequences[b] as number));
  }

  #swap(a: number, b: number): void {
    const key = this.#keys[a] as string;
    const priority = this.#priorities[a] as number;
    const sequence = this.#sequences[a] as number;
    this.#place(a, this.#keys[b] as string, this.#priorities[b] as number, this.#sequences[b] as number);
    this.#place(b, key, priority, sequence);
  }

  #up(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #down(from: number): void {
    for (let at = from; ; ) {
      const left = 2 * at + 1;
      if (left >= this.#keys.length) return;
      const right = left + 1;
      const child = right < this.#keys.length && this.#before(right, left) ? right : left;
      if (!this.#before(child, at)) return;
      this.#swap(child, at);
      at = child;
    }
  }
}
