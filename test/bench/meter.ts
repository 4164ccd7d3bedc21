import { join } from "node:path";
import type { Guest } from "../kernel/uml/guest.ts";

/** What processes cost from the start of a command until something happened, and until they were idle again. */
export interface Metered {
  /** Exit status of the command; null while it runs. */
  readonly status: number | null;
  readonly happenedMs: number;
  readonly happenedCpuMs: number;
  readonly settledMs: number;
  readonly settledCpuMs: number;
}

/** What a measurement waits for: the command's end, a text in its output, or that many services in the table. */
export type Until =
  | { readonly kind: "exit" }
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "services"; readonly count: number };

export interface MeterOptions {
  /** Control group whose CPU is counted. */
  readonly group: string;
  /** Whether the command is one of the group, or makes a daemon that is in it work. */
  readonly place: "inside" | "outside";
  readonly until: Until;
  /** File of the guest that gets the command's output. */
  readonly log: string;
}

const guestDir = join(import.meta.dirname, "guest");
const timeoutMs = 3_600_000;

/** Makes control groups usable in a guest that has just been booted. */
export async function prepareMeter(guest: Guest): Promise<void> {
  // Not below /sys: namespaces get a /sys of their own.
  await guest.sh("mkdir -p /run/cgroup /run/bench && mount -t cgroup2 cgroup /run/cgroup && modprobe ip_vs_rr");
}

export async function meter(guest: Guest, command: string, options: MeterOptions): Promise<Metered> {
  const { group, place, until, log } = options;
  const words = [group, place, log, untilText(until), "sh", "-c", `exec ${command}`].map(quoted).join(" ");
  const metered = JSON.parse(await guest.sh(`perl ${join(guestDir, "meter.pl")} ${words}`, { timeoutMs })) as Metered;
  if (metered.status !== null && metered.status !== 0) {
    throw new Error(`status ${metered.status} from ${command}:\n${await guest.sh(`tail -c 2000 ${log}`)}`);
  }
  return metered;
}

export interface ProcessMemory {
  readonly title: string;
  readonly pssKiB: number;
  readonly rssKiB: number;
}

export async function memoryOf(guest: Guest, group: string): Promise<ProcessMemory[]> {
  const output = await guest.sh(`sh ${join(guestDir, "memory.sh")} ${group}`);
  return parseMemory(output);
}

/** Lines of memory.sh: "PSS RSS TITLE". */
export function parseMemory(output: string): ProcessMemory[] {
  return Array.from(output.matchAll(/^(\d+) (\d+) (.*?) *$/gm), ([, pss, rss, title = ""]) => ({
    title,
    pssKiB: Number(pss),
    rssKiB: Number(rss),
  }));
}

/** CPU that a group uses in a while in which nobody asks for anything. */
export async function cpuDuring(guest: Guest, group: string, seconds: number): Promise<number> {
  const read = `awk '/^usage_usec/ { print $2 }' /run/cgroup/${group}/cpu.stat`;
  const output = await guest.sh(`${read}; sleep ${seconds}; ${read}`, { timeoutMs });
  const [before = 0, after = 0] = output.trim().split("\n").map(Number);
  return (after - before) / 1000;
}

/** Ends every process of a group at once, without a chance to clean up, and empties the table. */
export async function killGroup(guest: Guest, group: string): Promise<void> {
  await guest.sh(
    `echo 1 > /run/cgroup/${group}/cgroup.kill; while grep -q . /run/cgroup/${group}/cgroup.procs; do sleep 0.05; done`,
  );
  await flush(guest);
}

export async function flush(guest: Guest): Promise<void> {
  await guest.sh("ipvsadm -C", { timeoutMs });
}

function untilText(until: Until): string {
  if (until.kind === "exit") return "exit";
  return until.kind === "line" ? `line=${until.text}` : `services=${until.count}`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
