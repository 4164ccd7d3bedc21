import { readdirSync, readFileSync } from "node:fs";
import { commandWords, type ProcessFacts } from "./process-match.ts";

/** Ids of all processes. */
export function listProcesses(): number[] {
  return readdirSync("/proc").flatMap((name) => (/^[0-9]+$/.test(name) ? [Number(name)] : []));
}

/** Null: there is no such process, or it has ended and waits for its parent. */
export function processFacts(pid: number, withCommand: boolean): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // "pid (name) state ...", where the name may have anything in it.
    const end = stat.lastIndexOf(")");
    if ("ZX".includes(stat.charAt(end + 2))) return null;
    const name = stat.slice(stat.indexOf("(") + 1, end);
    return { name, command: withCommand ? commandWords(readFileSync(`/proc/${pid}/cmdline`, "utf8")) : null };
  } catch {
    return null;
  }
}
