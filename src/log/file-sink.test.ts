import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { logFileOf, openLogFiles } from "./file-sink.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-log-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test.each([
  ["/var/log/lbctl.log", "supervisor", "/var/log/lbctl.log"],
  ["/var/log/lbctl.log", "vrrp", "/var/log/lbctl_vrrp.log"],
  ["/var/log/lbctl.log", "checker", "/var/log/lbctl_healthcheckers.log"],
  ["/lbctl", "bfd", "/lbctl_bfd"],
  ["a.b.log", "vrrp", "a.b_vrrp.log"],
  ["/var/log/lbctl.log", "scripts", "/var/log/lbctl.log"],
])("%s of %s is %s", (path, role, file) => {
  expect(logFileOf(path, role)).toBe(file);
});

test("lines are there at once, by process, and in a new file when somebody moved the old one", () => {
  const path = join(directory, "lbctl.log");
  const sink = openLogFiles(path);
  const line = (role: string, message: string) => sink({ severity: "notice", message, role, epochMs: 0, fields: {} });
  line("supervisor", "one");
  line("vrrp", "two");
  expect(readFileSync(path, "utf8")).toBe("1970-01-01T00:00:00.000Z notice  one\n");
  expect(readFileSync(join(directory, "lbctl_vrrp.log"), "utf8")).toContain("two");
  renameSync(path, `${path}.1`);
  line("supervisor", "three");
  expect(readFileSync(path, "utf8")).toContain("three");
});

test("a place that cannot be written loses lines, and nothing else", () => {
  const sink = openLogFiles(join(directory, "missing", "lbctl.log"));
  expect(() => sink({ severity: "error", message: "x", role: "vrrp", epochMs: 0, fields: {} })).not.toThrow();
});
