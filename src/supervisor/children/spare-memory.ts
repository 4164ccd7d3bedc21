import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Whoever reloads once often reloads again. */
const settleMs = 5_000;
/** A heap that has not grown by more is left to V8. */
const worthwhileBytes = 32 << 20;

type Collect = (options: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;

/**
 * Gives back what reading a large configuration took: 10,000 virtual servers leave some 200 MB of garbage, of which V8, which
 * collects when it needs room, would let go only with the next reload. For a process that may stand still for the tenth of a
 * second that it takes.
 */
export class SpareMemory {
  readonly #settleMs: number;
  #timer: NodeJS.Timeout | null = null;
  /** What was left the last time. */
  #heapBytes = 0;

  constructor(delayMs = settleMs) {
    this.#settleMs = delayMs;
  }

  /** A configuration was read: looks after a while whether it is worth it. */
  releaseSoon(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#release(), this.#settleMs).unref();
  }

  #release(): void {
    if (getHeapStatistics().total_heap_size - this.#heapBytes < worthwhileBytes) return;
    // Collects twice and, unlike any other, returns the pages to the system.
    collector()({ type: "major", execution: "sync", flavor: "last-resort" });
    this.#heapBytes = getHeapStatistics().total_heap_size;
  }
}

/** V8's gc function, which exists only in contexts made after the flag was set. */
function collector(): Collect {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as Collect;
}
