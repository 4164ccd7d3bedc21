import { readdirSync, readFileSync } from "node:fs";
import { childrenOf } from "../../e2e/lbctl.ts";

/** A process and all that it started. */
export function family(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(family)];
}

/** CPU time of processes so far in ms, of all their threads, by the scheduler's own account (ns). */
export function cpuMs(pids: readonly number[]): number {
  const nanoseconds = pids.flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).map((task) =>
      Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]),
    ),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}

/** Proportional set size in MiB. */
export function pssMiB(pids: readonly number[]): number {
  const kib = pids.map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]));
  return kib.reduce((sum, each) => sum + each, 0) / 1024;
}
