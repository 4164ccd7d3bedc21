import { readFileSync } from "node:fs";

/**
 * How long the first thread of a process, which runs JavaScript, was ready to run and did not, since it began, ms: the second number
 * of /proc/PID/schedstat, in ns (Documentation/scheduler/sched-stats.rst). 0 where the kernel does not count it, and without a process.
 */
export function waitedForProcessorMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "latin1").split(" ")[1]) / 1e6;
  } catch {
    return 0;
  }
}
