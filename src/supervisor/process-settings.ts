import { readdirSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { native } from "ipvs-netlink";
import type { ProcessSettings } from "../config/vrrp-model.ts";

/** linux/sched.h, linux/mman.h, asm-generic/resource.h. */
const SCHED_OTHER = 0;
const SCHED_RR = 2;
const MCL_CURRENT = 1;
const MCL_FUTURE = 2;
/** Without it, all that the engine reserves would be made real memory. */
const MCL_ONFAULT = 4;
const RLIMIT_RTTIME = 15;

/**
 * Runs this process, all of its threads, as global_defs wants; what is null is left as it is, but for a real-time priority
 * that was set `before`. Answers what the system refuses: "vrrp_rt_priority: EPERM".
 */
export function applyProcessSettings(settings: ProcessSettings, before: ProcessSettings | null): string[] {
  const { nice, realTimePriority, cpuAffinity, noSwap, rttimeLimitUs } = settings;
  const calls = native();
  const refused = new Set<string>();
  const attempt = (what: string, answer: number): void => {
    if (answer < 0) refused.add(`${what}: ${errnoName(-answer)}`);
  };
  if (realTimePriority !== null) {
    attempt("vrrp_rlimit_rttime", calls.setResourceLimit(RLIMIT_RTTIME, rttimeLimitUs, rttimeLimitUs));
  }
  if (noSwap) attempt("vrrp_no_swap", calls.lockMemory(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT));
  // Scheduling is a matter of each thread, and the collector's are waited for, too.
  for (const thread of readdirSync("/proc/self/task").map(Number)) {
    if (realTimePriority !== null) {
      attempt("vrrp_rt_priority", calls.setScheduler(thread, SCHED_RR, realTimePriority));
    } else if (before !== null && before.realTimePriority !== null) {
      attempt("vrrp_rt_priority", calls.setScheduler(thread, SCHED_OTHER, 0));
    }
    if (cpuAffinity !== null) attempt("vrrp_cpu_affinity", calls.setAffinity(thread, Int32Array.from(cpuAffinity)));
    if (nice !== null) attemptNice(thread, nice, refused);
  }
  return [...refused];
}

function attemptNice(thread: number, nice: number, refused: Set<string>): void {
  try {
    setPriority(thread, nice);
  } catch (error) {
    refused.add(`vrrp_priority: ${(error as Error).message}`);
  }
}

function errnoName(errno: number): string {
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
}
