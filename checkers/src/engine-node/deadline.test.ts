import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { createProbeEngine } from "../probe-engine.ts";
import { connectTo, httpGet } from "../testing/examples.ts";
import { hangs, listen } from "../testing/misbehaving-server.ts";
import { EngineUnderTest } from "../testing/probe-once.ts";
import { startDeadline } from "./deadline.ts";

/** This thread stands still, as in a long garbage collection or a stopped process. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe("startDeadline", () => {
  test("expires once, not before its time", async () => {
    const startMs = performance.now();
    const expiredMs: number[] = [];
    startDeadline(100, () => expiredMs.push(performance.now() - startMs));
    await expect.poll(() => expiredMs).not.toEqual([]);
    await sleep(300);
    expect(expiredMs).toHaveLength(1);
    expect(expiredMs[0]).toBeGreaterThanOrEqual(98);
  });

  test("cancelled never expires, not even when its time has passed", async () => {
    let expired = false;
    let cancel = () => {};
    // Both are due in the same turn of the event loop.
    startDeadline(60, () => cancel());
    cancel = startDeadline(60, () => {
      expired = true;
    });
    stall(150);
    await sleep(500);
    expect(expired).toBe(false);
  });

  test("gives back once the time that this process stood still", async () => {
    const startMs = performance.now();
    const expired = new Promise<number>((resolve) => startDeadline(100, () => resolve(performance.now() - startMs)));
    stall(250);
    // 150 ms late, so 100 ms more at least; that timer is late as well.
    const again = setTimeout(() => stall(200), 60);
    const afterMs = await expired;
    clearTimeout(again);
    expect(afterMs).toBeGreaterThanOrEqual(398);
  });
});

describe("a stall of this process", () => {
  test("does not condemn a server that answers", async () => {
    const program = `
      const { parentPort } = require("node:worker_threads");
      const server = require("node:http").createServer((_, response) => response.end("hello"));
      server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`;
    const worker = new Worker(program, { eval: true });
    const [port] = await once(worker, "message");
    const subject = new EngineUnderTest((onResults) => createProbeEngine(onResults));
    const running = subject.run([httpGet(connectTo(port))], 1500);
    stall(3000);
    expect(await running).toMatchObject([{ ok: true }]);
    subject.engine.close();
    await worker.terminate();
  });

  test("does not save a server that does not", async () => {
    const server = await listen(hangs);
    const subject = new EngineUnderTest((onResults) => createProbeEngine(onResults));
    const running = subject.run([httpGet(connectTo(server.port))], 150);
    stall(500);
    expect(await running).toMatchObject([{ ok: false, reason: { kind: "deadline", phase: "request", afterMs: 150 } }]);
    subject.engine.close();
    await server.close();
  });
});
