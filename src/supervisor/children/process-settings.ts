import { readdirSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";
import { native } from "ipvs-netlink";
import type { ProcessSettings } from "../../config/process-model.ts";
import type { Severity } from "../../log/record.ts";
import { PriorityRaiser } from "./priority-raiser.ts";
import { setProcessName } from "./process-title.ts";

/** linux/sched.h, asm-generic/resource.h. */
const SCHED_OTHER = 0;
const SCHED_RR = 2;
const RLIMIT_RTTIME = 15;
const leastUrgent = constants.priority.PRIORITY_LOW;
/**
 * Where nothing else is configured, VRRP goes before the rest of lbctl and other ordinary processes of its kind: an advert interval of 10 ms
 * forgives 36 ms, which a checker process that saturates a CPU can take. It takes little of the CPU itself.
 */
export const standardNice: Readonly<Record<Role, number>> = { vrrp: -10, checker: leastUrgent, bfd: leastUrgent };

/** The first half of keywords such as vrrp_priority. */
export type Role = "vrrp" | "checker" | "bfd";

/** Keeps this process running as its settings say. What the system refuses is told, and stops nothing. */
export class OwnProcess {
  readonly #role: Role;
  readonly #log: (severity: Severity, message: string) => void;
  readonly #raiser: PriorityRaiser;
  #settings: ProcessSettings | null = null;

  constructor(role: Role, log: (severity: Severity, message: string) => void) {
    this.#role = role;
    this.#log = log;
    this.#raiser = new PriorityRaiser((priority, lateUs) => this.#raise(priority, lateUs));
  }

  apply(settings: ProcessSettings): void {
    const before = this.#settings;
    if (JSON.stringify(settings) === JSON.stringify(before)) return;
    this.#settings = settings;
    if (settings.name !== (before?.name ?? null)) setProcessName(settings.name);
    const wasRaised = before !== null && this.#raiser.priority !== null;
    for (const problem of applyProcessSettings(this.#role, settings, before, wasRaised)) {
      this.#log("warning", `the ${this.#role} process runs without ${problem}`);
    }
    this.#raiser.configure(settings.autoPriority, settings.realTimePriority);
  }

  /** To end with the process. */
  close(): void {
    this.#raiser.configure(null, null);
  }

  #raise(priority: number, lateUs: number): void {
    const role = this.#role;
    const settings = this.#settings;
    if (settings === null) return;
    const [refused] = setRealTime(role, priority, settings.rttimeLimitUs);
    const late = `the ${role} process ran ${Math.round(lateUs / 1000)} ms late`;
    if (refused !== undefined) this.#log("warning", `${late}, and its priority cannot be raised: ${refused}`);
    else this.#log("notice", `${late}: it runs at real-time priority ${priority} now (max_auto_priority)`);
  }
}

/**
 * Runs this process, all of its threads, as global_defs wants; what is null is left as it is, but for a real-time priority that
 * was set `before` or that it took by itself. Answers what the system refuses: "vrrp_rt_priority: EPERM".
 */
export function applyProcessSettings(
  role: Role,
  settings: ProcessSettings,
  before: ProcessSettings | null,
  wasRaised = false,
): string[] {
  const { realTimePriority, cpuAffinity, noSwap, rttimeLimitUs } = settings;
  const refused = new Set<string>();
  const attempt = (what: string, answer: number): void => {
    if (answer < 0) refused.add(`${role}_${what}: ${errnoName(-answer)}`);
  };
  // Loaded when needed: checks on the user-space data plane do without the addon.
  if (noSwap) attempt("no_swap", native().lockMemory(1));
  else if (before?.noSwap) attempt("no_swap", native().lockMemory(0));
  if (realTimePriority !== null) {
    for (const problem of setRealTime(role, realTimePriority, rttimeLimitUs)) refused.add(problem);
  }
  const isOrdinaryAgain = realTimePriority === null && (wasRaised || (before?.realTimePriority ?? null) !== null);
  // Scheduling is a matter of each thread, and the collector's are waited for, too.
  for (const thread of ownThreads()) {
    if (isOrdinaryAgain) attempt("rt_priority", native().setScheduler(thread, SCHED_OTHER, 0));
    if (cpuAffinity !== null) attempt("cpu_affinity", native().setAffinity(thread, Int32Array.from(cpuAffinity)));
    try {
      if (settings.nice !== null) setPriority(thread, settings.nice);
      else if (getPriority(thread) > standardNice[role]) setPriority(thread, standardNice[role]);
    } catch (error) {
      // What nobody asked for is not missed.
      if (settings.nice !== null) refused.add(`${role}_priority: ${(error as Error).message}`);
    }
  }
  return [...refused];
}

function setRealTime(role: Role, priority: number, rttimeLimitUs: number): string[] {
  const calls = native();
  const refused = new Set<string>();
  const limited = calls.setResourceLimit(RLIMIT_RTTIME, rttimeLimitUs, rttimeLimitUs);
  if (limited < 0) refused.add(`${role}_rlimit_rttime: ${errnoName(-limited)}`);
  for (const thread of ownThreads()) {
    const answer = calls.setScheduler(thread, SCHED_RR, priority);
    if (answer < 0) refused.add(`${role}_rt_priority: ${errnoName(-answer)}`);
  }
  return [...refused];
}

function ownThreads(): number[] {
  return readdirSync("/proc/self/task").map(Number);
}

function errnoName(errno: number): string {
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
}
