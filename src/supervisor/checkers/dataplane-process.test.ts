import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connectUserspace } from "../../dataplane/client.ts";
import { createLogger } from "../../log/logger.ts";
import { careOf } from "../children/care.ts";
import { ChildWatch } from "../children/child-watch.ts";
import { runDir } from "../program/run-dir.ts";
import { DataplaneProcess } from "./dataplane-process.ts";

let directory: string;
let messages: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-dataplane-"));
  messages = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

const log = () =>
  createLogger({
    sink: ({ message }) => messages.push(message),
    role: "supervisor",
    level: { severity: "info" },
    nowEpochMs: Date.now,
  });

test("one that hangs is killed, and another one, with an empty table, is there instead", async () => {
  const watch = new ChildWatch({ onDeath: null, log: log() });
  const restarted = vi.fn();
  // The time is that of the product but for how long it may be silent.
  const care = { ...careOf(watch, "dataplane"), hungAfterS: 3 };
  const kept = new DataplaneProcess(runDir(directory), log(), care, restarted);
  await kept.start();
  const client = await connectUserspace(runDir(directory).dataplaneSocket);
  const { identity } = client;
  watch.start();
  try {
    const [first] = watch.states();
    expect(first).toEqual({ role: "dataplane", pid: expect.any(Number), restarts: 0, answers: true });
    process.kill(first?.pid ?? 0, "SIGSTOP");
    await vi.waitFor(() => expect(restarted).toHaveBeenCalled(), { timeout: 120_000, interval: 50 });
    const killed = `^the dataplane process ${first?.pid} has not answered for \\d+ s: it is killed$`;
    expect(messages).toContainEqual(expect.stringMatching(killed));
    expect(watch.states()).toMatchObject([{ role: "dataplane", restarts: 1, answers: true }]);
    await vi.waitFor(() => client.dump(), { timeout: 120_000, interval: 50 });
    expect(client.identity).not.toBe(identity);
  } finally {
    watch.stop();
    await client.close();
    await kept.end();
  }
});

test("where none is to be started again its end is told, also one before it was ready", async () => {
  const deaths: string[] = [];
  const watch = new ChildWatch({ onDeath: (message) => deaths.push(message), log: log() });
  // Longer than the path of a socket may be: nobody can listen there.
  const places = { ...runDir(directory), dataplaneSocket: join(directory, "x".repeat(120)) };
  const kept = new DataplaneProcess(places, log(), careOf(watch, "dataplane"), () => {});
  await expect(kept.start()).rejects.toThrow(
    "the user-space data plane did not start: its process ended (exit status 1)",
  );
  expect(deaths).toEqual(["the dataplane process ended (exit status 1)"]);
});
