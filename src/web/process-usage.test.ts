import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { countOpenFds, readProcesses } from "./process-usage.ts";

let proc: string;

beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), "lbctl-proc-"));
});
afterEach(() => rmSync(proc, { recursive: true }));

function add(pid: number, title: string, children = ""): void {
  mkdirSync(join(proc, `${pid}/task/${pid}`), { recursive: true });
  mkdirSync(join(proc, `${pid}/fd/0`), { recursive: true });
  writeFileSync(join(proc, `${pid}/task/${pid}/children`), children);
  writeFileSync(join(proc, `${pid}/cmdline`), `${title}\0`);
  // The name has a parenthesis and a blank: fields are counted from the last one on.
  const fields = ["S", 1, ...new Array(9).fill(0), 150, 50, 0, 0, 20, 0, 11, 0, 100];
  writeFileSync(join(proc, `${pid}/stat`), `${pid} (l) b) ${fields.join(" ")} 0\n`);
  writeFileSync(join(proc, `${pid}/status`), "Name:\tlbctl\nVmRSS:\t   2048 kB\n");
}

test("the supervisor and those of its children that are ours", () => {
  add(10, "lbctl: supervisor", "11 12 13 ");
  add(11, "lbctl: checker");
  add(12, "/bin/sh");
  expect(readProcesses(10, new Map([[11, 7]]), proc)).toEqual([
    expect.objectContaining({ role: "supervisor", cpuS: 2, residentBytes: 2 << 20, openFds: 1 }),
    expect.objectContaining({ role: "checker", openFds: 7 }),
  ]);
});

test("without /proc there is nothing to tell", () => {
  expect(readProcesses(10, new Map(), join(proc, "absent"))).toEqual([]);
});

test("the descriptors of this process are counted", () => {
  expect(countOpenFds().get(process.pid)).toBeGreaterThan(2);
});
