import { readFileSync } from "node:fs";

/** How long these processes were ready to run and did not, since they began, ms, together: what a busy machine made them wait. */
export function waitedToRunMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + waitedOf(pid), 0);
}

/** 0 where the kernel does not count it. Of the thread that runs JavaScript; the second number of /proc/PID/schedstat, in ns (Documentation/scheduler/sched-stats.rst). */
function waitedOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "latin1").split(" ")[1]) / 1e6;
  } catch {
    return 0;
  }
}
