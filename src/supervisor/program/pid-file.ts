import { readFileSync, unlinkSync } from "node:fs";
import { getSystemErrorMessage } from "node:util";
import { writeFileAtomic } from "../../files/atomic-write.ts";
import { networkNamespace } from "./run-dir.ts";

/** Somebody else's director already runs here. */
export class AlreadyRunning extends Error {
  readonly code = "already-running";
  readonly pid: number;
  constructor(path: string, pid: number) {
    super(`lbctl already runs as process ${pid} (pid file ${path})`);
    this.pid = pid;
  }
}

/**
 * Writes our process id to `path`. A file left by a process that is gone, is not lbctl, or runs in another network namespace is
 * stale and replaced; `onStale` hears of it. Who `takesOver` replaces that of its predecessor, which runs.
 * @throws AlreadyRunning
 */
export async function claimPidFile(
  path: string,
  onStale: (why: string) => void,
  takesOver = false,
): Promise<{ release(): void }> {
  const found = readPid(path);
  if (!takesOver && found !== null && found !== process.pid) {
    const why = staleReason(found);
    if (why === null) throw new AlreadyRunning(path, found);
    onStale(why);
  }
  await writeFileAtomic(path, `${process.pid}\n`, { mode: 0o644 }).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "ENOENT" ? "its directory does not exist" : getSystemErrorMessage(error.errno ?? 0);
    error.message = `the pid file ${path} cannot be written: ${why} (${error.code})`;
    throw error;
  });
  return {
    release: () => {
      if (readPid(path) === process.pid) unlinkSync(path);
    },
  };
}

/** The network namespace of the director that wrote it; null where none runs any more. */
export function namespaceOfDirector(pidFile: string): string | null {
  const pid = readPid(pidFile);
  return pid === null || !namesOf(pid)?.some(isOurs) ? null : networkNamespace(pid);
}

const isOurs = (name: string) => name.startsWith("lbctl");

/** process_name changes the first only; null: it is gone. */
function namesOf(pid: number): readonly string[] | null {
  try {
    return ["comm", "cmdline"].map((name) => readFileSync(`/proc/${pid}/${name}`, "utf8").trim());
  } catch {
    return null;
  }
}

function staleReason(pid: number): string | null {
  const names = namesOf(pid);
  if (names === null) return `process ${pid} is gone`;
  if (!names.some(isOurs)) return `process ${pid} is "${names[0]}", not lbctl`;
  if (networkNamespace(pid) !== networkNamespace()) return `process ${pid} is the lbctl of another network namespace`;
  return null;
}

function readPid(path: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(path, "utf8"), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}
