import { readdirSync, readFileSync } from "node:fs";
import { parseCpuTicks } from "../kernel/uml/cpu-choice.ts";
import type { Guest } from "../kernel/uml/guest.ts";

// A guest whose CPU the host gives to somebody else for a while does not notice: it counts that time as used by whatever ran
// in it. What the host counts for the guest's processes is the truth, for the guest as a whole.

/** USER_HZ of every Linux port that has user-mode Linux or QEMU here (proc(5)). */
const tickMs = 10;

/** Runs the body, and says which share of the CPU time that the guest counted meanwhile it really got, at most 1. */
export async function withHostShare<T>(guest: Guest, body: () => Promise<T>): Promise<{ result: T; share: number }> {
  const before = await bothCounts(guest);
  const result = await body();
  const after = await bothCounts(guest);
  return { result, share: shareOf(after.hostMs - before.hostMs, after.guestMs - before.guestMs) };
}

/** Times as they would have been on a machine of its own. */
export function corrected(cost: { readonly wallMs: number; readonly cpuMs: number }, share: number) {
  const cpuMs = cost.cpuMs * share;
  return { wallMs: cost.wallMs - (cost.cpuMs - cpuMs), cpuMs };
}

export function shareOf(hostMs: number, guestMs: number): number {
  return guestMs <= 0 ? 1 : Math.min(1, hostMs / guestMs);
}

/** CPU time in ms by the lines of /proc/PID/stat: of a process and its descendants, and of those of their children that have ended. */
export function treeCpuMs(stats: Iterable<string>, root: number): number {
  const children = new Map<number, number[]>();
  const ticksOf = new Map<number, number>();
  for (const stat of stats) {
    const pid = Number.parseInt(stat, 10);
    // The second field is the program's name, in parentheses and with whatever it likes in it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const parent = parentOf(stat);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
    // utime, stime, cutime, cstime (proc(5))
    ticksOf.set(
      pid,
      fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0),
    );
  }
  const below = (pid: number): number =>
    (children.get(pid) ?? []).reduce((sum, child) => sum + below(child), ticksOf.get(pid) ?? 0);
  return below(root) * tickMs;
}

function parentOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

async function bothCounts(guest: Guest): Promise<{ readonly hostMs: number; readonly guestMs: number }> {
  const ticks = parseCpuTicks(await guest.sh("cat /proc/stat"));
  const guestMs = [...ticks.values()].reduce((sum, { busy }) => sum + busy, 0) * tickMs;
  return { guestMs, hostMs: treeCpuMs(processFiles("stat"), guardOf(guest)) };
}

const guards = new WeakMap<Guest, number>();

/** The process that all others of the machine descend from: our child, and started with the shared directory's name (guard.sh). */
function guardOf(guest: Guest): number {
  const known = guards.get(guest);
  if (known !== undefined) return known;
  for (const pid of processes()) {
    const words = readIfThere(`/proc/${pid}/cmdline`).split("\0");
    if (!words.includes(guest.sharedDir) || parentOf(readIfThere(`/proc/${pid}/stat`)) !== process.pid) continue;
    guards.set(guest, Number(pid));
    return Number(pid);
  }
  throw new Error("the guest's processes are not to be found");
}

function* processFiles(name: string): Generator<string> {
  for (const pid of processes()) {
    const text = readIfThere(`/proc/${pid}/${name}`);
    if (text !== "") yield text;
  }
}

function processes(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // ended meanwhile
  }
}
