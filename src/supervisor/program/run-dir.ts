import { readdirSync, readlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const BASE_OF_ROOT = "/run/lbctl";

/** The files of one running director. */
export interface RunDir {
  readonly path: string;
  readonly controlSocket: string;
  readonly dataplaneSocket: string;
  readonly pidFile: string;
}

/**
 * Where the running director of this network namespace keeps its files: `given`, or /run/lbctl/<name of its instance>, or
 * /run/lbctl/net-<inode of the namespace> (without root: below $XDG_RUNTIME_DIR). An IPVS table belongs to a namespace, and so
 * does its director: two namespaces of one machine never share a directory.
 */
export function runDir(given?: string, instance: string | null = null): RunDir {
  const path = given ?? join(baseDir(), instance ?? `net-${networkNamespace() ?? "unknown"}`);
  return {
    path,
    controlSocket: join(path, "control.sock"),
    dataplaneSocket: join(path, "dataplane.sock"),
    pidFile: join(path, "lbctl.pid"),
  };
}

/**
 * Where root's director of this network namespace keeps its files: with `control_group` others than root may speak to it.
 * Somebody without root has another directory for a director of their own.
 */
export function runDirOfRoot(): RunDir {
  return runDir(join(BASE_OF_ROOT, `net-${networkNamespace() ?? "unknown"}`));
}

/** Inode of a process's network namespace, which names it on this machine; null where /proc does not tell. */
export function networkNamespace(pid: number | "self" = "self"): string | null {
  try {
    return /\d+/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[0] ?? null;
  } catch {
    return null;
  }
}

/**
 * Where the director of this network namespace keeps what outlives a restart and a boot: `given`, or the first of systemd's
 * $STATE_DIRECTORY, the run directory if that one was named, /var/lib/lbctl (without root: below $XDG_STATE_HOME). An instance
 * with a name, and another namespace than that of process 1, has its own directory in there.
 */
export function stateDir(given: string | undefined, givenRunDir: string | undefined, instance: string | null): string {
  if (given !== undefined) return given;
  const bySystemd = process.env.STATE_DIRECTORY?.split(":")[0];
  if (bySystemd !== undefined && bySystemd !== "") return bySystemd;
  if (givenRunDir !== undefined) return givenRunDir;
  const base = baseStateDir();
  if (instance !== null) return join(base, instance);
  const namespace = networkNamespace();
  return namespace === null || namespace === networkNamespace(1) ? base : join(base, `net-${namespace}`);
}

function baseStateDir(): string {
  if (process.getuid?.() === 0) return "/var/lib/lbctl";
  const home = process.env.XDG_STATE_HOME;
  return join(home !== undefined && home !== "" ? home : join(homedir(), ".local/state"), "lbctl");
}

/** The run directories of instances with a name, whether or not anybody uses them. */
export function namedRunDirs(base = baseDir()): readonly { readonly instance: string; readonly dir: RunDir }[] {
  return subdirectories(base)
    .filter((name) => !name.startsWith("net-"))
    .map((instance) => ({ instance, dir: runDir(join(base, instance)) }));
}

function subdirectories(path: string): readonly string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

function baseDir(): string {
  const uid = process.getuid?.() ?? 0;
  if (uid === 0) return BASE_OF_ROOT;
  const session = process.env.XDG_RUNTIME_DIR;
  return session !== undefined && session !== "" ? join(session, "lbctl") : `/tmp/lbctl-${uid}`;
}
