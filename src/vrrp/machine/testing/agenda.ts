interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly task: () => void;
}

/** What will happen when: a binary heap. What is due at the same time happens in the order in which it was put in. */
export class Agenda {
  readonly #heap: Entry[] = [];
  #order = 0;
  nowMs = 0;

  put(afterMs: number, task: () => void): void {
    const heap = this.#heap;
    const entry = { atMs: this.nowMs + afterMs, order: this.#order++, task };
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up] as Entry;
      if (!isBefore(entry, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = entry;
  }

  /** Does everything that is due up to then. */
  runUntil(untilMs: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#pop();
      this.nowMs = next.atMs;
      next.task();
    }
    this.nowMs = untilMs;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const l = heap[left];
      const r = heap[right];
      const [child, down] = r !== undefined && l !== undefined && isBefore(r, l) ? [r, right] : [l, left];
      if (child === undefined || !isBefore(child, last)) break;
      heap[at] = child;
      at = down;
    }
    heap[at] = last;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
