import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LogOptions } from "./open-logs.ts";
import { openLogs } from "./open-logs.ts";

let directory: string;
let console: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-logs-"));
  console = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    console += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

/** Where a line goes with these options. */
function places(options: Partial<LogOptions>): string[] {
  const logFile = options.logFile === undefined ? undefined : join(directory, options.logFile);
  const sink = openLogs(
    { log: "auto", syslog: true, ...options, ...(logFile === undefined ? {} : { logFile }) },
    "daemon",
  );
  sink({ severity: "notice", message: "here", role: "supervisor", epochMs: 0, fields: {} });
  const file = logFile !== undefined && readFileSync(logFile, "utf8").includes("here") ? ["file"] : [];
  return [...file, ...(console.includes("here") ? ["console"] : [])];
}

test.each([
  [{}, ["console"]],
  [{ logConsole: true }, ["console"]],
  [{ logFile: "a.log" }, ["file", "console"]],
  [{ logFile: "a.log", syslog: false }, ["file"]],
  [{ logFile: "a.log", syslog: false, logConsole: true }, ["file", "console"]],
  [{ syslog: false, logFacility: "3" }, ["console"]],
  [{ logConsole: true, logFacility: "3" }, ["console"]],
] as const)("%j", (options, expected) => {
  expect(places(options)).toEqual(expected);
});
