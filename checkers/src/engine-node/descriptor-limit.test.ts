import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { hangs, listen } from "../testing/misbehaving-server.ts";
import { concurrencyFor, concurrencyWith, concurrencyWithinLimits, descriptorsFor } from "./descriptor-limit.ts";

describe("concurrencyFor", () => {
  const limits = (soft: string) =>
    `Limit     Soft Limit   Hard Limit   Units\nMax open files   ${soft}   1048576   files\n`;

  test.each([
    ["1024", 384],
    ["20000", 9872],
    ["1048576", 16_384],
    ["unlimited", 16_384],
    ["64", 16],
  ])("%s open files", (soft, runs) => expect(concurrencyFor(limits(soft))).toBe(runs));

  test.each([17, 384, 9872, 16_384, 20_000])("%i at once, and the limit that allows them", (runs) => {
    expect(concurrencyWith(descriptorsFor(runs))).toBe(Math.min(runs, 16_384));
    expect(concurrencyWith(descriptorsFor(runs) - 1)).toBeLessThan(runs);
  });

  test("of text that says nothing, and of this machine", () => {
    expect(concurrencyFor("")).toBe(16_384);
    expect(concurrencyWithinLimits()).toBeGreaterThanOrEqual(16);
  });
});

test("far more checks than descriptors: they wait for one another, none fails for want of a descriptor", async () => {
  const server = await listen(hangs);
  const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    import { CheckRunner } from ${module("../runner.ts")};
    import { createProbeEngine } from ${module("../probe-engine.ts")};
    import { check, connectTo, httpGet, timing, url } from ${module("../testing/examples.ts")};
    const reasons = {};
    let left = 400;
    const runner = new CheckRunner({
      createEngine: (onResults) => createProbeEngine(onResults),
      now: () => ({ monotonicMs: performance.now(), epochMs: Date.now() }),
      random: () => 0,
      onChanges: (changes) => {
        for (const { state } of changes) reasons[state.verdict.reason.kind] = (reasons[state.verdict.reason.kind] ?? 0) + 1;
        left -= changes.length;
        if (left > 0) return;
        console.log(JSON.stringify(reasons));
        process.exit();
      },
    });
    runner.configure(Array.from({ length: left }, (_, index) => ({
      key: String(index),
      check: check({
        spec: httpGet(connectTo(${server.port}), [url()]),
        timing: timing({ delayLoopMs: 60_000, delayBeforeRetryMs: 60_000, connectTimeoutMs: 100 }),
      }),
    })));`;
  const { stdout } = await promisify(execFile)("sh", [
    "-c",
    'ulimit -n 300 && exec "$0" --input-type=module -e "$1"',
    process.execPath,
    program,
  ]);
  await server.close();
  expect(JSON.parse(stdout)).toEqual({ deadline: 400 });
});
