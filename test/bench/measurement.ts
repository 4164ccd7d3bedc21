import type { ProcessMemory } from "./meter.ts";

export const timingBenchmarks = ["write", "start", "reload", "read-back"] as const;
export const benchmarkNames = [...timingBenchmarks, "memory"] as const;
export type BenchmarkName = (typeof benchmarkNames)[number];

/** CPU and wall time of one run of something. */
export interface Timing {
  readonly kind: "timing";
  readonly benchmark: (typeof timingBenchmarks)[number];
  /** What was measured: "ipvs-netlink apply", "keepalived SIGHUP". */
  readonly subject: string;
  readonly services: number;
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** The processes of a daemon that holds a table of that many services. */
export interface Memory {
  readonly kind: "memory";
  readonly subject: string;
  readonly services: number;
  readonly processes: readonly ProcessMemory[];
}

export type Measurement = Timing | Memory;
