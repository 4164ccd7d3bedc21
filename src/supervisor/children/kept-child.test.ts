import { getPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import type { Logger } from "../../log/logger.ts";
import { ChildWatch, type WatchedChild } from "./child-watch.ts";
import { question } from "./hear-supervisor.ts";
import { type ChildExit, KeptChild } from "./kept-child.ts";

const entry = fileURLToPath(new URL("../testing/child.ts", import.meta.url));

interface Echo {
  readonly echo: { readonly say: string };
  readonly pid: number;
}

let child: KeptChild<{ readonly say: string }, Echo> | undefined;

function keep(...args: readonly string[]) {
  return keepWith({}, ...args);
}

function keepWith(options: { readonly startingNice?: () => number | null }, ...args: readonly string[]) {
  const messages: Echo[] = [];
  const exits: ChildExit[] = [];
  child = new KeptChild({
    ...options,
    entry,
    args,
    greeting: () => ({ say: "hello" }),
    onMessage: (message: Echo) => messages.push(message),
    onExit: (exit) => exits.push(exit),
  });
  child.start();
  return { child, messages, exits };
}

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 60_000, interval: 20 });

afterEach(() => child?.end(0, "disconnect"));

test("greets every process, and starts a new one when it is killed", async () => {
  const { child, messages, exits } = keep();
  await eventually(() => expect(messages).toHaveLength(1));
  const first = messages[0]?.pid ?? 0;
  expect(messages[0]?.echo).toEqual({ say: "hello" });
  process.kill(first, "SIGKILL");
  await eventually(() => expect(messages).toHaveLength(2));
  expect(exits).toEqual([{ pid: first, cause: "signal SIGKILL", livedMs: expect.any(Number), restartInMs: 100 }]);
  expect(messages[1]?.pid).not.toBe(first);
  expect(child.pid).toBe(messages[1]?.pid);
});

test.skipIf(process.getuid?.() !== 0)("starts with the nice value that is asked for, if it is lower", async () => {
  const niceOf = async (startingNice: number | null): Promise<number> => {
    const { child, messages } = keepWith({ startingNice: () => startingNice });
    await eventually(() => expect(messages).toHaveLength(1));
    const nice = getPriority(messages[0]?.pid ?? 0);
    await child.end(0, "disconnect");
    return nice;
  };
  const own = getPriority();
  expect(await niceOf(null)).toBe(own);
  expect(await niceOf(own - 1)).toBe(own - 1);
  expect(await niceOf(own + 1)).toBe(own);
});

test("waits longer each time for one that cannot live", async () => {
  const { exits } = keep("dies");
  await eventually(() => expect(exits.length).toBeGreaterThanOrEqual(3));
  expect(exits.slice(0, 3).map(({ cause, restartInMs }) => [cause, restartInMs])).toEqual([
    ["exit status 3", 100],
    ["exit status 3", 200],
    ["exit status 3", 400],
  ]);
});

test.each([
  ["is told", "/nonexistent/node", "ENOENT"],
  ["is thrown", "/dev/null/node", "ENOTDIR"],
])("a process that cannot be started at all is tried again too, where that %s", async (_, path, errno) => {
  const node = process.execPath;
  process.execPath = path;
  try {
    const { exits, messages } = keep();
    await eventually(() => expect(exits.length).toBeGreaterThanOrEqual(1));
    expect(exits[0]).toMatchObject({ pid: 0, cause: expect.stringContaining(errno), restartInMs: 100 });
    process.execPath = node;
    await eventually(() => expect(messages).toHaveLength(1));
  } finally {
    process.execPath = node;
  }
});

test("once told to end it stays ended", async () => {
  const { child, messages, exits } = keep();
  await eventually(() => expect(messages).toHaveLength(1));
  await child.end(20_000, "disconnect");
  expect(exits).toMatchObject([{ restartInMs: null }]);
  expect(child.send({ say: "anyone?" })).toBe(false);
  expect(child.pid).toBeNull();
});

test("all is heard that it says before it leaves, also what the channel does not take at once", async () => {
  const { child, messages, exits } = keep("leaves");
  child.letEnd();
  await eventually(() => expect(exits).toHaveLength(1));
  expect(messages).toMatchObject([{ much: expect.stringMatching(/^x{8}/) }]);
  expect(exits).toMatchObject([{ cause: "exit status 0" }]);
});

test("what waits for the channel goes together, and is heard one by one, in its order", async () => {
  const { child, messages, exits } = keep("tells");
  child.letEnd();
  await eventually(() => expect(exits).toHaveLength(1));
  const [first, ...others] = messages as readonly unknown[];
  expect(first).toMatchObject({ echo: { say: "hello" } });
  const between = Array.from({ length: 1499 }, (_, index) => ({ nth: index + 1 }));
  expect(others).toEqual([...between, { last: true }, { taken: 1500 }]);
});

test("starts at once where none runs, and once only", async () => {
  const { child, messages, exits } = keep();
  await eventually(() => expect(messages).toHaveLength(1));
  child.startIfAway();
  process.kill(messages[0]?.pid ?? 0, "SIGKILL");
  await eventually(() => expect(exits).toHaveLength(1));
  child.startIfAway();
  await eventually(() => expect(messages).toHaveLength(2));
  // The restart that was due after 100 ms is this one.
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(messages).toHaveLength(2);
  await child.end(20_000, "disconnect");
  child.startIfAway();
  await eventually(() => expect(messages).toHaveLength(3));
  await child.end(20_000, "disconnect");
  expect(exits.map(({ restartInMs }) => restartInMs)).toEqual([100, null, null]);
});

test("is asked whether it answers only when it has been silent since it was last to be asked", async () => {
  const log = { error: () => {}, warning: () => {} } as unknown as Logger;
  let watched: WatchedChild | undefined;
  const watch = new ChildWatch({ onDeath: null, log });
  watch.add = (added) => {
    watched = added;
  };
  const messages: unknown[] = [];
  child = new KeptChild({
    ...{ entry, args: [], greeting: () => ({ say: "hello" }), onExit: () => {} },
    onMessage: (message: Echo) => messages.push(message.echo),
    care: { role: "VRRP", watch, hungAfterS: 10, mayWait: false, pidFile: () => null },
  });
  child.start();
  await eventually(() => expect(messages).toEqual([{ say: "hello" }]));
  watched?.ask();
  expect(watched?.unanswered).toBe(0);
  watched?.ask();
  watched?.ask();
  expect(watched?.unanswered).toBe(2);
  await eventually(() => expect(messages).toEqual([{ say: "hello" }, question, question]));
  expect(watched?.unanswered).toBe(0);
});
