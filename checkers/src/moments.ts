/** Numbers, smallest first, each as often as it was added: a binary heap. */
export class Moments {
  readonly #heap: number[] = [];

  /** Smallest, or null when empty. */
  get first(): number | null {
    return this.#heap[0] ?? null;
  }

  add(moment: number): void {
    const heap = this.#heap;
    let at = heap.push(moment) - 1;
    for (;;) {
      const parent = (at - 1) >> 1;
      if (at === 0 || (heap[parent] as number) <= moment) break;
      heap[at] = heap[parent] as number;
      at = parent;
    }
    heap[at] = moment;
  }

  removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child += 1;
      if ((heap[child] as number) >= last) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = last;
  }
}
