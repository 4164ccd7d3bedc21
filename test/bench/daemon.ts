import type { Metered } from "./meter.ts";

/** Wall and CPU time of one thing that a daemon did. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** A daemon that holds the sample table of a space. */
export interface BenchDaemon {
  readonly name: string;
  /** How its reload is asked for. */
  readonly reloadBy: string;
  /** From nothing to the whole table in the kernel. */
  start(services: number): Promise<Cost>;
  /** Reloads with another weight of the first real server, until it is in the table. */
  reload(services: number, firstWeight: number): Promise<Cost>;
}

/** Wall time until it happened, CPU until everything that follows from it was done. */
export function untilHappened({ happenedMs, settledCpuMs }: Metered): Cost {
  return { wallMs: happenedMs, cpuMs: settledCpuMs };
}

/** For what has no visible end: until the processes were idle again. */
export function untilSettled({ settledMs, settledCpuMs }: Metered): Cost {
  return { wallMs: settledMs, cpuMs: settledCpuMs };
}
