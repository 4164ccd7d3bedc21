import { readdirSync, readFileSync } from "node:fs";
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

/** The supervisor and its children that have a title of ours. Processes that end meanwhile are left out. */
export function readProcesses(supervisor: number, proc = "/proc"): ProcessUsage[] {
  return [supervisor, ...childrenOf(supervisor, proc)].flatMap((pid) => usageOf(pid, proc) ?? []);
}

function childrenOf(pid: number, proc: string): number[] {
  try {
    const text = readFileSync(`${proc}/${pid}/task/${pid}/children`, "utf8");
    return text.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function usageOf(pid: number, proc: string): ProcessUsage | null {
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
      openFds: countFds(pid, proc),
      startedS: Math.round(Date.now() / 1000 - uptime() + startTicks / ticksPerS),
    };
  } catch {
    return null;
  }
}

function countFds(pid: number, proc: string): number | null {
  try {
    return readdirSync(`${proc}/${pid}/fd`).length;
  } catch {
    return null;
  }
}
