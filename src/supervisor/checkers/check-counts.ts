import type { Check, CheckChange, CheckPass, Lateness, Verdict } from "@lbctl/checkers";

/** Upper ends of the classes that durations of checks are counted in, in seconds; the last class has no end. */
export const durationBucketsS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** How long runs took, counted by class: one number more than `durationBucketsS`. Each run is in one class only. */
export interface DurationCounts {
  readonly buckets: readonly number[];
  readonly sumMs: number;
}

/** Plain data. */
export interface CheckCounts {
  /** By kind of check and result: "HTTP_GET ok", "TCP_CHECK failed". */
  readonly durations: Readonly<Record<string, DurationCounts>>;
  /** How late runs were started. */
  readonly lateRuns: number;
  readonly lateSumMs: number;
  readonly lateMaxMs: number;
}

export const nothingCounted: CheckCounts = { durations: {}, lateRuns: 0, lateSumMs: 0, lateMaxMs: 0 };

interface Counting {
  buckets: number[];
  sumMs: number;
}

/** Counts results of checks until somebody takes the counts. As many numbers as there are kinds of checks, however many checks run. */
export class CheckCounter {
  #durations: Record<string, Counting> = {};

  add(changes: readonly CheckChange[]): void {
    for (const { check, state } of changes) {
      if (state.verdict !== null) this.#count(check, state.verdict);
    }
  }

  /** Of checks that go on passing. */
  addPasses(passes: readonly CheckPass[]): void {
    for (const { check, latencyMs } of passes) this.#count(check, { ok: true, latencyMs });
  }

  #count({ spec }: Check, { ok, latencyMs }: Pick<Verdict, "ok" | "latencyMs">): void {
    const name = `${spec.type} ${ok ? "ok" : "failed"}`;
    this.#durations[name] ??= { buckets: new Array<number>(durationBucketsS.length + 1).fill(0), sumMs: 0 };
    const counting = this.#durations[name];
    const index = bucketOf(latencyMs / 1000);
    counting.buckets[index] = (counting.buckets[index] ?? 0) + 1;
    counting.sumMs += latencyMs;
  }

  /** The counts since the last call, with the lateness of the runs since then. */
  take(lateness: Lateness | null): CheckCounts {
    const durations = this.#durations;
    this.#durations = {};
    const { runs = 0, meanMs = 0, maxMs = 0 } = lateness ?? {};
    return { durations, lateRuns: runs, lateSumMs: runs * meanMs, lateMaxMs: maxMs };
  }
}

/** Both together. */
export function addCounts(a: CheckCounts, b: CheckCounts): CheckCounts {
  const durations: Record<string, DurationCounts> = { ...a.durations };
  for (const [name, more] of Object.entries(b.durations)) {
    const before = durations[name];
    durations[name] =
      before === undefined
        ? more
        : {
            buckets: before.buckets.map((count, index) => count + (more.buckets[index] ?? 0)),
            sumMs: before.sumMs + more.sumMs,
          };
  }
  return {
    durations,
    lateRuns: a.lateRuns + b.lateRuns,
    lateSumMs: a.lateSumMs + b.lateSumMs,
    lateMaxMs: Math.max(a.lateMaxMs, b.lateMaxMs),
  };
}

function bucketOf(seconds: number): number {
  const index = durationBucketsS.findIndex((end) => seconds <= end);
  return index < 0 ? durationBucketsS.length : index;
}
