import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { acquireWriterLock, type WriterLockHolder } from "./writer-lock.ts";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

const program = fileURLToPath(new URL("./testing/hold-writer-lock.ts", import.meta.url));

/** A process that wants the lock; `line` resolves with what it says next. */
function contender(table: string) {
  const child = spawn(process.execPath, [program, table], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, line: async (): Promise<string | undefined> => (await lines.next()).value };
}

async function shortly<T>(promise: Promise<T>, ms = 300): Promise<T | "pending"> {
  return Promise.race([promise, new Promise<"pending">((resolve) => setTimeout(() => resolve("pending"), ms))]);
}

describe("acquireWriterLock", () => {
  test("is given at once if nobody holds it, and again after release", async () => {
    const table = randomUUID();
    await (await acquireWriterLock({ table })).release();
    await (await acquireWriterLock({ table })).release();
  });

  test("locks of different tables do not meet", async () => {
    const locks = await Promise.all([randomUUID(), randomUUID()].map((table) => acquireWriterLock({ table })));
    for (const lock of locks) await lock.release();
  });

  test("waits for the holder and says who it is, once", async () => {
    const table = randomUUID();
    const first = await acquireWriterLock({ table });
    const holders: (WriterLockHolder | null)[] = [];
    const second = acquireWriterLock({ table, onWait: (holder) => holders.push(holder) });
    expect(await shortly(second)).toBe("pending");
    await expect.poll(() => holders).toEqual([{ pid: process.pid, sinceEpochMs: expect.any(Number) }]);
    await first.release();
    await (await second).release();
  });

  test("a holder learns who waits for what it has", async () => {
    const table = randomUUID();
    const first = await acquireWriterLock({ table });
    const patience = new AbortController();
    const wanted = first.wantedAs("/run/lbctl", patience.signal);
    const stranger = acquireWriterLock({ table, wants: "/run/other", signal: patience.signal });
    const silent = acquireWriterLock({ table, signal: patience.signal });
    expect(await shortly(wanted)).toBe("pending");
    const second = acquireWriterLock({ table, wants: "/run/lbctl" });
    await wanted;
    // And when it has been waiting for long.
    await first.wantedAs("/run/lbctl", patience.signal);
    const others = Promise.allSettled([stranger, silent]);
    patience.abort();
    expect((await others).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await first.release();
    await (await second).release();
  });

  test("a holder that nobody waits for has patience for so long as it likes", async () => {
    const lock = await acquireWriterLock({ table: randomUUID() });
    await expect(lock.wantedAs("/run/lbctl", AbortSignal.timeout(50))).rejects.toThrow();
    await lock.release();
  });

  test("only one of many gets it at a time", async () => {
    const table = randomUUID();
    let holding = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const lock = await acquireWriterLock({ table });
        holding += 1;
        most = Math.max(most, holding);
        await new Promise((resolve) => setTimeout(resolve, 5));
        holding -= 1;
        await lock.release();
      }),
    );
    expect(most).toBe(1);
  });

  test("a killed process gives it up, and never before it is dead", async () => {
    const table = randomUUID();
    const first = contender(table);
    expect(await first.line()).toBe("held");
    const second = contender(table);
    expect(await second.line()).toBe(`waiting ${first.child.pid}`);
    const held = second.line();
    expect(await shortly(held)).toBe("pending");
    first.child.kill("SIGKILL");
    expect(await held).toBe("held");
  });

  test("a stopped process keeps it", async () => {
    const table = randomUUID();
    const first = contender(table);
    expect(await first.line()).toBe("held");
    first.child.kill("SIGSTOP");
    const holders: (WriterLockHolder | null)[] = [];
    const second = acquireWriterLock({ table, onWait: (holder) => holders.push(holder) });
    expect(await shortly(second, 1_500)).toBe("pending");
    await expect.poll(() => holders).toEqual([null]);
    first.child.kill("SIGKILL");
    await (await second).release();
  });

  test("waiting can be given up", async () => {
    const table = randomUUID();
    const first = await acquireWriterLock({ table });
    const abort = new AbortController();
    const second = acquireWriterLock({ table, signal: abort.signal });
    abort.abort(new Error("stopping"));
    await expect(second).rejects.toThrow("stopping");
    await first.release();
  });

  test("one that is free is taken even by somebody who would not wait any more", async () => {
    const lock = await acquireWriterLock({ table: randomUUID(), signal: AbortSignal.abort() });
    await lock.release();
  });

  test("garbage from a holder, and from those who wait, does no harm", async () => {
    const table = randomUUID();
    const squatter = createServer((socket) => socket.end("{]\n"));
    await new Promise<void>((resolve) => squatter.listen({ path: `\0lbctl-writer-${table}` }, resolve));
    const holders: (WriterLockHolder | null)[] = [];
    const lock = acquireWriterLock({ table, onWait: (holder) => holders.push(holder) });
    expect(await shortly(lock)).toBe("pending");
    await expect.poll(() => holders).toEqual([null]);
    await new Promise((resolve) => squatter.close(resolve));
    const held = await lock;
    const noisy = connect({ path: `\0lbctl-writer-${table}` });
    noisy.on("error", () => {});
    noisy.write("x".repeat(100_000));
    noisy.destroy();
    await held.release();
  });
});
