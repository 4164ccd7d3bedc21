import type { ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { childrenOf } from "../../e2e/lbctl.ts";
import { end, type Lab } from "./lab.ts";

export const subjectNames = ["keepalived", "lbctl"] as const;
export type SubjectName = (typeof subjectNames)[number];

/** A director at work. */
export interface Subject {
  readonly name: SubjectName;
  /** The process that checks. */
  readonly checkerPid: number;
  readonly pids: readonly number[];
  readonly stop: () => Promise<void>;
}

const lbctl = join(import.meta.dirname, "../../../bin/lbctl");

export async function startSubject(lab: Lab, name: SubjectName, config: string, env: string[] = []): Promise<Subject> {
  await lab.freshKernel();
  const file = join(lab.dir, "lb.conf");
  writeFileSync(file, config);
  const log = openSync(join(lab.dir, `${name}.log`), "w");
  const [pid, checkers] = [join(lab.dir, "k.pid"), join(lab.dir, "kc.pid")];
  const command =
    name === "keepalived"
      ? ["keepalived", "-C", "-n", "-G", "-f", file, "-p", pid, "-c", checkers]
      : [lbctl, "run", "-f", file, "--log", "console", "--run-dir", join(lab.dir, "run")];
  const child = lab.startDirector([...env, ...command], log);
  closeSync(log);
  const checkerPid = await until(
    30_000,
    () => checkerOf(child, name),
    () => logOf(lab, name),
  );
  return { name, checkerPid, pids: [child.pid as number, checkerPid], stop: () => end(child) };
}

export function logOf(lab: Lab, name: SubjectName): string {
  return readFileSync(join(lab.dir, `${name}.log`), "utf8").slice(-2000);
}

/** env and `ip netns exec` have become the program itself by now. */
function checkerOf(child: ChildProcess, name: SubjectName): number | null {
  const children = childrenOf(child.pid as number);
  if (name === "keepalived") return children[0] ?? null;
  const isChecker = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("checker");
  return children.find(isChecker) ?? null;
}

async function until<T>(withinMs: number, value: () => T | null, describe: () => string): Promise<T> {
  const giveUpMs = performance.now() + withinMs;
  for (;;) {
    const found = value();
    if (found !== null) return found;
    if (performance.now() > giveUpMs) throw new Error(describe());
    await sleep(50);
  }
}
