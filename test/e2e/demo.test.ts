import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { runs, until } from "./lbctl.ts";
import { StallWatch } from "./stall-watch.ts";

const program = join(import.meta.dirname, "../../src/cli/main.ts");

interface RunningDemo {
  readonly process: ChildProcess;
  output(): string;
}

function startDemo(...args: string[]): RunningDemo {
  const child = spawn(process.execPath, [program, "demo", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      output += String(text);
    });
  }
  return { process: child, output: () => output };
}

/** The demo's own directory, from what it says. */
function directoryOf(output: string): string {
  const file = /configuration (\S+)/.exec(output)?.[1];
  if (file === undefined) throw new Error(`no configuration named in: ${output}`);
  return dirname(file);
}

/** Children of a process, and theirs. */
function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** It measures itself against bounds of a second: on a machine that is slow or stands still it is right to fail, and runs again. */
async function runThrough(stalls: StallWatch, more = 5): Promise<{ status: number; output: string }> {
  const startedMs = performance.now();
  const demo = startDemo("--once");
  const [status] = await once(demo.process, "close");
  const late = stalls.stalledMs(startedMs) > 0 || / within \d|later than the bound/.test(demo.output());
  if (status !== 0 && late && more > 0) return runThrough(stalls, more - 1);
  return { status, output: demo.output() };
}

test("the demo runs through without a terminal, every step passes, nothing is left", async () => {
  const stalls = new StallWatch();
  const { status, output } = await runThrough(stalls);
  stalls.close();
  expect(output).not.toContain("FAILED");
  expect(status, output).toBe(0);
  // Four steps and the clean end.
  expect(output.match(/^ {2}passed {2}/gm)).toHaveLength(5);
  expect(output).toMatch(/web2 left the table after \d\.\d\d s \(bound 1\.70 s\)/);
  expect(output).toContain("the reload wrote 1 set-destination");
  expect(output).not.toContain("\u001b");
  expect(existsSync(directoryOf(output))).toBe(false);
});

test.each<NodeJS.Signals>(["SIGINT", "SIGTERM", "SIGKILL"])(
  "%s in the middle leaves no process and no file",
  async (signal) => {
    const demo = startDemo();
    await until("the tour has begun", () => demo.output().includes("Step 1"), demo.output);
    const { pid } = demo.process;
    if (pid === undefined) throw new Error("the demo has no process");
    const family = descendants(pid);
    // Three web servers, the leash, the director with its checker and data plane.
    expect(family.length).toBeGreaterThanOrEqual(7);
    demo.process.kill(signal);
    const [status] = await once(demo.process, "close");
    if (signal !== "SIGKILL") {
      expect(status).toBe(1);
      expect(demo.output()).toContain("Stopped before the end of the tour.");
    }
    await until("all of them are gone", () => !family.some(runs));
    await until("the directory is gone", () => !existsSync(directoryOf(demo.output())));
  },
);

test("a director that dies in the middle is a failed step, said and in the exit status", async () => {
  const demo = startDemo("--once");
  await until("the tour has begun", () => demo.output().includes("Step 1"), demo.output);
  const director = descendants(demo.process.pid ?? 0).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("lbctl: supervisor"),
  );
  if (director === undefined) throw new Error("no director");
  process.kill(director, "SIGKILL");
  const [status] = await once(demo.process, "close");
  expect(status).toBe(1);
  expect(demo.output()).toMatch(/FAILED {2}.*\n\s+\d+ of \d+ requests failed/);
  expect(demo.output()).toMatch(/Step 2 .*FAILED {2}the step could not be carried out/s);
  expect(existsSync(directoryOf(demo.output()))).toBe(false);
});
