import type { Guest } from "../kernel/uml/guest.ts";
import type { BenchmarkName, Measurement } from "./measurement.ts";

/** What a benchmark works with. */
export interface BenchContext {
  readonly guest: Guest;
  readonly benchmarks: ReadonlySet<BenchmarkName>;
  readonly record: (measurement: Measurement) => void;
  readonly progress: (text: string) => void;
}
