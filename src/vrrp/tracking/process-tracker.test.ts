import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TrackProcess } from "../../config/vrrp-model.ts";
import { ProcessTracker } from "./process-tracker.ts";

let tracker: ProcessTracker;
const values: string[] = [];
const said: string[] = [];
const running: ChildProcess[] = [];

beforeEach(() => {
  values.length = 0;
  said.length = 0;
  tracker = new ProcessTracker({
    onValue: (name, value) => values.push(`${name} ${value}`),
    log: (severity, message) => said.push(`${severity}: ${message}`),
  });
});
afterEach(() => {
  tracker.close();
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

/** Nobody else on this machine sleeps for exactly so long. */
const seconds = `${100_000 + process.pid}`;
const sleeping = (some: Partial<TrackProcess> = {}): TrackProcess => ({
  ...{ name: "sleep", process: ["sleep", seconds], parameters: "exact", fullCommand: true, weight: 0, reverse: false },
  ...{ quorum: 1, quorumMax: null, forkDelayMs: 0, terminateDelayMs: 0 },
  ...some,
});

async function sleeper(): Promise<ChildProcess> {
  const child = spawn("sleep", [seconds], { stdio: "ignore" });
  running.push(child);
  await once(child, "spawn");
  return child;
}

const becomes = (...expected: string[]) => expect.poll(() => values).toEqual(expected);

describe("processes that are counted", () => {
  test("are told of when they begin and end", async () => {
    tracker.configure([sleeping()]);
    expect(values).toEqual(["sleep down"]);
    const child = await sleeper();
    await becomes("sleep down", "sleep up");
    child.kill("SIGKILL");
    await becomes("sleep down", "sleep up", "sleep down");
  });

  test("were perhaps there before, and may be too many", async () => {
    await sleeper();
    tracker.configure([sleeping({ quorumMax: 1 })]);
    expect(values).toEqual(["sleep up"]);
    const second = await sleeper();
    await becomes("sleep up", "sleep down");
    second.kill("SIGKILL");
    await becomes("sleep up", "sleep down", "sleep up");
  });

  test("may be away for terminate_delay", async () => {
    const first = await sleeper();
    tracker.configure([sleeping({ terminateDelayMs: 60_000 }), sleeping({ name: "strict" })]);
    first.kill("SIGKILL");
    await becomes("sleep up", "strict up", "strict down");
    await sleeper();
    await becomes("sleep up", "strict up", "strict down", "strict up");
  });

  test("forked by one that counts count, until they become another program", async () => {
    // The shell forks a copy of itself that becomes sleep.
    const line = `sleep ${seconds} & wait`;
    tracker.configure([sleeping({ process: ["sh", "-c", line] }), sleeping({ name: "inner" })]);
    running.push(spawn("sh", ["-c", line], { stdio: "ignore", detached: true }));
    await becomes("sleep down", "inner down", "sleep up", "inner up");
    process.kill(-(running[0]?.pid as number), "SIGKILL");
    await expect.poll(() => values.slice(4).sort()).toEqual(["inner down", "sleep down"]);
  });

  test("a reload keeps what is as before", async () => {
    await sleeper();
    tracker.configure([sleeping()]);
    tracker.configure([sleeping(), sleeping({ name: "second", quorum: 2 })]);
    expect(values).toEqual(["sleep up", "second down"]);
    expect(said.filter((line) => !line.startsWith("notice: vrrp_track_process: no events"))).toEqual([]);
  });
});
