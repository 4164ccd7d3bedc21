import { join } from "node:path";
import { corrected, withHostShare } from "./host-share.ts";
import type { Space } from "./space.ts";

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
  /** Whether the command is one of the space's processes, or makes a daemon that is one work. */
  readonly place: "inside" | "outside";
  readonly until: Until;
  /** File of the guest that gets the command's output. */
  readonly log: string;
}

const guestDir = join(import.meta.dirname, "guest");

/** What the processes of a space cost while a command runs in it, and afterwards until they are idle. */
export async function meter(space: Space, command: string, options: MeterOptions): Promise<Metered> {
  const { place, until, log } = options;
  const words = [space.name, place, log, untilText(until), "sh", "-c", `exec ${command}`].map(quoted).join(" ");
  const run = () => space.sh(`perl ${join(guestDir, "meter.pl")} ${words}`);
  const { result, share } = await withHostShare(space.guest, run);
  const metered = JSON.parse(result) as Metered;
  if (metered.status !== null && metered.status !== 0) {
    throw new Error(`status ${metered.status} from ${command}:\n${await space.sh(`tail -c 2000 ${log}`)}`);
  }
  const happened = corrected({ wallMs: metered.happenedMs, cpuMs: metered.happenedCpuMs }, share);
  const settled = corrected({ wallMs: metered.settledMs, cpuMs: metered.settledCpuMs }, share);
  return {
    status: metered.status,
    happenedMs: happened.wallMs,
    happenedCpuMs: happened.cpuMs,
    settledMs: settled.wallMs,
    settledCpuMs: settled.cpuMs,
  };
}

export interface ProcessMemory {
  readonly title: string;
  readonly pssKiB: number;
  readonly rssKiB: number;
}

export async function memoryOf(space: Space): Promise<ProcessMemory[]> {
  const output = await space.sh(`sh ${join(guestDir, "memory.sh")} ${space.name}`);
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

/** CPU that the processes use in a while in which nobody asks for anything. */
export async function cpuDuring(space: Space, seconds: number): Promise<number> {
  const read = `awk '/^usage_usec/ { print $2 }' /run/cgroup/${space.name}/cpu.stat`;
  const run = () => space.sh(`${read}; sleep ${seconds}; ${read}`);
  const { result, share } = await withHostShare(space.guest, run);
  const [before = 0, after = 0] = result.trim().split("\n").map(Number);
  return ((after - before) / 1000) * share;
}

function untilText(until: Until): string {
  if (until.kind === "exit") return "exit";
  return until.kind === "line" ? `line=${until.text}` : `services=${until.count}`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
