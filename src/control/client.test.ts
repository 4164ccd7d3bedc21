import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Diagnostic } from "../config/diagnostics.ts";
import { ControlError } from "./api.ts";
import { DaemonUnreachable, requestControl } from "./client.ts";
import { EventLog } from "./event-log.ts";
import { type ControlHandlers, serveControl } from "./server.ts";

let directory: string;
let path: string;
const closers: (() => Promise<void>)[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-client-"));
  path = join(directory, "control.sock");
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  rmSync(directory, { recursive: true });
});

async function serve(handlers: Partial<ControlHandlers>): Promise<void> {
  const { close } = await serveControl({
    path,
    replaces: false,
    gid: null,
    handlers: handlers as ControlHandlers,
    events: new EventLog(),
    onFailure: () => {},
  });
  closers.push(close);
}

/** Something else than lbctl on the socket: says `text` to whoever comes, and hangs up. */
async function serveRaw(text: string): Promise<void> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(text));
  }).listen(path);
  await new Promise((resolve) => server.once("listening", resolve));
  closers.push(() => new Promise((resolve) => server.close(() => resolve())));
}

const failure = (socket: string) => requestControl(socket, "GET /v1/status", null).catch((error: unknown) => error);

describe("one that hangs", () => {
  const patience = { askAgainMs: 100, silentAfterMs: 1_000 };

  test("is given up, and it is said; also where there is a limit of its own, and for events", async () => {
    // Takes connections, as the kernel does for a process that is stopped.
    const server = createServer((socket) => void socket.on("error", () => {})).listen(path);
    await new Promise((resolve) => server.once("listening", resolve));
    for (const limits of [patience, { answerWithinMs: 1_000 }]) {
      const asked = requestControl(path, "POST /v1/reload", null, limits);
      await expect(asked).rejects.toThrow("the daemon takes connections and answers nothing");
      await expect(asked).rejects.toMatchObject({ errno: "ETIMEDOUT", hint: expect.stringContaining("lbctl doctor") });
    }
    server.close();
  });

  test("is not one that works for long and answers others meanwhile", async () => {
    let askedMeanwhile = 0;
    const { promise: done, resolve } = Promise.withResolvers<void>();
    await serve({
      "GET /v1/overrides": async () => {
        if (++askedMeanwhile === 3) resolve();
        return { overrides: [] };
      },
      "POST /v1/reload": () => done.then(() => ({ generation: 7 }) as never),
    });
    expect(await requestControl(path, "POST /v1/reload", null, { ...patience, silentAfterMs: 60_000 })).toEqual({
      generation: 7,
    });
  });
});

describe("an answer", () => {
  test("comes back as it was given", async () => {
    const plan = { file: "/x.yaml", operations: [], changes: [], warnings: [] };
    const asked: unknown[] = [];
    await serve({
      "POST /v1/plan": async (request) => {
        asked.push(request);
        return plan;
      },
    });
    expect(await requestControl(path, "POST /v1/plan", { file: "/x.yaml" })).toEqual(plan);
    expect(asked).toEqual([{ file: "/x.yaml" }]);
  });

  test("that is an error is thrown with everything it says, diagnostics included", async () => {
    const diagnostic: Diagnostic = {
      code: "unknown-keyword",
      severity: "error",
      file: "/x.yaml",
      line: 3,
      column: 5,
      endColumn: 11,
      message: "no such keyword",
      excerpt: "adress: 1",
      hint: "address?",
      expected: null,
    };
    const thrown = new ControlError("config-invalid", "wrong", "correct it", [diagnostic]);
    await serve({ "POST /v1/reload": () => Promise.reject(thrown) });
    const error = await requestControl(path, "POST /v1/reload", null).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ControlError);
    expect(error).toMatchObject({
      code: "config-invalid",
      message: "wrong",
      hint: "correct it",
      diagnostics: [diagnostic],
    });
  });

  test("that is long comes whole", async () => {
    const operations = Array.from({ length: 20_000 }, (_, i) => ({ kind: "new-service", object: `${i}`, detail: "" }));
    await serve({ "POST /v1/plan": async () => ({ file: "/x", operations, changes: [], warnings: [] }) });
    expect((await requestControl(path, "POST /v1/plan", { file: null })).operations).toEqual(operations);
  });
});

describe("no answer", () => {
  test.each([
    ["nothing there", () => {}, "ENOENT", "the socket does not exist, so no lbctl runs in this network namespace"],
    [
      "a file that nobody listens on",
      () => writeFileSync(path, ""),
      "ECONNREFUSED",
      "the socket is a leftover, the lbctl that made it is gone",
    ],
  ])("%s", async (_what, prepare, errno, cause) => {
    prepare();
    const error = await failure(path);
    expect(error).toBeInstanceOf(DaemonUnreachable);
    expect(error).toMatchObject({
      errno,
      message: `no answer on ${path}: ${cause}`,
      hint: expect.stringContaining("lbctl run"),
    });
  });

  test("no permission has a hint of its own", () => {
    expect(new DaemonUnreachable(path, "EACCES")).toMatchObject({
      message: `no answer on ${path}: permission denied`,
      hint: "Run this as root, or as a member of the socket's group.",
    });
  });

  test("an errno without an explanation is named", () => {
    expect(new DaemonUnreachable(path, "EMFILE").message).toBe(`no answer on ${path}: EMFILE`);
  });

  test.each([
    ["hangs up", ""],
    ["hangs up in the middle", 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a":'],
    ["speaks no HTTP", "220 mail.example ESMTP\r\n"],
    ["answers no JSON", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"],
    ["answers an error that is not ours", "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 2\r\n\r\n{}"],
  ])("somebody who %s", async (_what, text) => {
    await serveRaw(text);
    expect(await failure(path)).toBeInstanceOf(DaemonUnreachable);
  });
});
