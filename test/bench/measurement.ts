import type { ProcessMemory } from "./meter.ts";

/** Of a configuration file, without a daemon: many virtual servers, or one with many real servers. */
export const configBenchmarks = ["config", "config-one"] as const;
export const timingBenchmarks = ["write", "start", "reload", "read-back", ...configBenchmarks] as const;
export const benchmarkNames = [...timingBenchmarks, "memory"] as const;
export type BenchmarkName = (typeof benchmarkNames)[number];

/** CPU and wall time of one run of something. */
export interface Timing {
  readonly kind: "timing";
  readonly benchmark: (typeof timingBenchmarks)[number];
  /** What was measured: "ipvs-netlink apply", "keepalived SIGHUP". */
  readonly subject: string;
  /** With "config-one": real servers of the one virtual server. */
  readonly services: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Largest resident set of the process, where there is one process. */
  readonly peakKiB?: number;
}

/** The processes of a daemon that holds a table of that many services. */
export interface Memory {
  readonly kind: "memory";
  readonly subject: string;
  readonly services: number;
  readonly processes: readonly ProcessMemory[];
}

export type Measurement = Timing | Memory;
