import { lstatSync, readlinkSync, type Stats, statSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import type { PathFact } from "./script-security.ts";

/** As many links as the kernel follows (path_resolution(7)). */
const linksMax = 40;

/**
 * Every part of the path that decides what is at its end: directories from the root on, symbolic links with what they lead
 * through, and the end. A part that is missing is the last.
 */
export function pathFacts(path: string): PathFact[] {
  const facts = new Map<string, PathFact>();
  const target = walk(path, facts, linksMax);
  const end = facts.get(target);
  if (end !== undefined) {
    facts.delete(target);
    facts.set(target, end);
  }
  return [...facts.values()];
}

/** Adds what is on the way, and answers where the path leads. */
function walk(path: string, facts: Map<string, PathFact>, linksLeft: number): string {
  let at = "/";
  facts.set(at, factOf(at, statSync(at)));
  for (const part of path.split("/").filter(Boolean)) {
    const next = resolve(at, part);
    const stats = lstatSync(next, { throwIfNoEntry: false });
    if (stats === undefined || linksLeft === 0) {
      facts.set(next, { path: next, kind: "missing", uid: 0, gid: 0, mode: 0 });
      return next;
    }
    if (!stats.isSymbolicLink()) {
      facts.set(next, factOf(next, stats));
      at = next;
      continue;
    }
    at = walk(resolve(dirname(next), readlinkSync(next)), facts, linksLeft - 1);
    if (facts.get(at)?.kind === "missing") return at;
  }
  return at;
}

function factOf(path: string, stats: Stats): PathFact {
  const kind = stats.isDirectory() ? "directory" : stats.isFile() ? "file" : "other";
  return { path, kind, uid: stats.uid, gid: stats.gid, mode: stats.mode & 0o7777 };
}

/** Where a program without a slash in its name is found, or null. */
export function findOnPath(name: string, searchPath: string): string | null {
  for (const directory of searchPath.split(delimiter)) {
    const path = join(directory, name);
    const stats = directory.startsWith("/") ? statSync(path, { throwIfNoEntry: false }) : undefined;
    if (stats?.isFile() && (stats.mode & 0o111) !== 0) return path;
  }
  return null;
}
