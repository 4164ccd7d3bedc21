import { appendFileSync } from "node:fs";
import { parse } from "node:path";
import { consoleLine } from "./format.ts";
import type { LogSink } from "./record.ts";

/** What stands before the extension of the file for lines of these processes, as with keepalived; others are in the file itself. */
const suffixes: Readonly<Record<string, string>> = { vrrp: "_vrrp", checker: "_healthcheckers", bfd: "_bfd" };

/** Where lines of a process go: "/var/log/lbctl_vrrp.log" for "/var/log/lbctl.log". Pure. */
export function logFileOf(path: string, role: string): string {
  const { dir, name, ext } = parse(path);
  return `${dir === "" ? "" : dir === "/" ? "/" : `${dir}/`}${name}${suffixes[role] ?? ""}${ext}`;
}

/**
 * A log in files (-g). Each line is written at once, by opening the file: who moves it away (logrotate) finds the next one in
 * a new file. What cannot be written is lost.
 */
export function openLogFiles(path: string): LogSink {
  return (record) => {
    try {
      appendFileSync(logFileOf(path, record.role), `${consoleLine(record, { colour: false })}\n`);
    } catch {
      // A full disk, a directory that is gone: the director goes on.
    }
  };
}
