import { readdirSync, readFileSync, statSync } from "node:fs";
import { uptime } from "node:os";

/** What a process of ours uses, by /proc. */
export interface ProcessUsage {
  /** "supervisor", "checker", ... */
  readonly role: string;
  readonly cpuS: number;
  readonly residentBytes: number;
  /** Null: not permitted to look. */
  readonly openFds: number | null;
  /** Unix time. */
  readonly startedS: number;
}

/** USER_HZ is 100 on every architecture that Node runs on. */
const ticksPerS = 100;
const title = /^lbctl: ([a-z]+)/;

/**
 * The supervisor and its children that have a title of ours. Processes that end meanwhile are left out. `openFds` is what is known
 * of processes that are somebody else's.
 */
export function readProcesses(
  supervisor: number,
  openFds: ReadonlyMap<number, number>,
  proc = "/proc",
): ProcessUsage[] {
  return [supervisor, ...childrenOf(supervisor, proc)].flatMap((pid) => usageOf(pid, openFds, proc) ?? []);
}

/** Of this process and its children, by process id; without those that it may not look at. */
export function countOpenFds(proc = "/proc"): ReadonlyMap<number, number> {
  const counts = [process.pid, ...childrenOf(process.pid, proc)].map((pid) => [pid, countFds(pid, proc)] as const);
  return new Map(counts.flatMap(([pid, count]) => (count === null ? [] : [[pid, count]])));
}

function childrenOf(pid: number, proc: string): number[] {
  try {
    const text = readFileSync(`${proc}/${pid}/task/${pid}/children`, "utf8");
    return text.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function usageOf(pid: number, openFds: ReadonlyMap<number, number>, proc: string): ProcessUsage | null {
  try {
    const role = title.exec(readFileSync(`${proc}/${pid}/cmdline`, "utf8"))?.[1];
    if (role === undefined) return null;
    const stat = readFileSync(`${proc}/${pid}/stat`, "utf8");
    // The second field is the name in parentheses, which may have blanks and parentheses itself: proc(5).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [userTicks, systemTicks, startTicks] = [Number(fields[11]), Number(fields[12]), Number(fields[19])];
    const rssKib = Number(/^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`${proc}/${pid}/status`, "utf8"))?.[1] ?? 0);
    return {
      role,
      cpuS: (userTicks + systemTicks) / ticksPerS,
      residentBytes: rssKib * 1024,
      openFds: openFds.get(pid) ?? countFds(pid, proc),
      startedS: Math.round(Date.now() / 1000 - uptime() + startTicks / ticksPerS),
    };
  } catch {
    return null;
  }
}

function countFds(pid: number, proc: string): number | null {
  try {
    // Linux 6.2 and later count for us.
    const { size } = statSync(`${proc}/${pid}/fd`);
    return proc === "/proc" && size > 0 ? size : readdirSync(`${proc}/${pid}/fd`).length;
  } catch {
    return null;
  }
}
