import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type JobOptions = {
  /** Network namespace of the guest, by `ip netns` name; the first one if left out. */
  readonly namespace?: string;
  /** After this the job's process group is killed and the job rejects. Default 60 s. */
  readonly timeoutMs?: number;
};

export type JobResult = {
  /** The shell's exit status; 128 + the signal's number if a signal ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
};

/** A script running in the guest. */
export type Job = {
  readonly done: Promise<JobResult>;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  /** Sends a signal to the job's process group; nothing happens if it has ended. */
  signal(name: "TERM" | "INT" | "HUP" | "KILL" | "STOP" | "CONT" | "USR1" | "USR2"): void;
};

/** A job's files in the shared directory, named as guest-agent.pl expects them. */
export type JobFiles = {
  readonly id: number;
  writeScript(script: string): void;
  stdout(): string;
  stderr(): string;
  remove(): void;
};

export function jobFiles(sharedDir: string, id: number): JobFiles {
  const base = join(sharedDir, "jobs", String(id));
  const read = (suffix: string): string => {
    try {
      return readFileSync(base + suffix, "utf8");
    } catch {
      return ""; // not started yet
    }
  };
  return {
    id,
    writeScript: (script) => writeFileSync(`${base}.sh`, `${script}\n`),
    stdout: () => read(".out"),
    stderr: () => read(".err"),
    remove() {
      for (const suffix of [".sh", ".out", ".err"]) rmSync(base + suffix, { force: true });
    },
  };
}
