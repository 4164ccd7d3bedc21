import { existsSync, linkSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ControlError } from "./api.ts";
import { EventLog } from "./event-log.ts";
import { requestSchemas } from "./requests.ts";
import { type ControlHandlers, type ControlServer, ControlSocketInUse, serveControl } from "./server.ts";

let directory: string;
let path: string;
const closers: (() => Promise<void>)[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-control-"));
  path = join(directory, "run", "control.sock");
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  rmSync(directory, { recursive: true });
});

const failures: string[] = [];

async function serve(
  handlers: Partial<ControlHandlers> = {},
  { events = new EventLog(), replaces = false } = {},
): Promise<ControlServer> {
  failures.length = 0;
  const answer = (what: string) => async (body: unknown) => ({ what, body }) as never;
  const all = Object.fromEntries(Object.keys(requestSchemas).map((route) => [route, answer(route)]));
  const server = await serveControl({
    path,
    replaces,
    gid: null,
    handlers: { ...all, ...handlers } as ControlHandlers,
    events,
    onFailure: (route, error) => failures.push(`${route}: ${String(error)}`),
  });
  closers.push(server.close);
  return server;
}

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: unknown;
}

/** One request, as any HTTP client would send it. */
function send(method: string, target: string, body: string | Buffer = ""): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: path, method, path: target, agent: false }, async (response) => {
      let text = "";
      for await (const chunk of response) text += String(chunk);
      resolve({ status: response.statusCode, type: response.headers["content-type"], body: JSON.parse(text) });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("requests", () => {
  test("reach their handler with their body, and are answered with JSON", async () => {
    await serve();
    expect(await send("GET", "/v1/status")).toEqual({
      status: 200,
      type: "application/json",
      body: { what: "GET /v1/status", body: null },
    });
    expect(await send("GET", "/v1/status?pretty")).toMatchObject({ body: { what: "GET /v1/status" } });
    expect(await send("POST", "/v1/plan", '{"file":"/ü.yaml"}')).toMatchObject({
      body: { what: "POST /v1/plan", body: { file: "/ü.yaml" } },
    });
  });

  test.each([
    ["GET", "/"],
    ["GET", "/v1/reload"],
    ["POST", "/v1/status"],
    ["DELETE", "/v1/plan"],
    ["GET", "/v1/../v1/status"],
    ["GET", "/constructor"],
  ])("%s %s is not one of them", async (method, target) => {
    await serve();
    const { status, body } = await send(method, target);
    expect(status).toBe(404);
    expect(body).toMatchObject({
      error: {
        code: "not-found",
        message: expect.stringContaining(target),
        hint: expect.stringMatching(/(?:GET|POST) \/v1\//),
      },
    });
  });

  test.each(["{", "file: /x", '{"file":"/x"} more', Buffer.from([0xff, 0x00, 0x7b])])(
    "a body that is no JSON: %j",
    async (body) => {
      await serve();
      expect(await send("POST", "/v1/plan", body)).toMatchObject({
        status: 400,
        body: { error: { code: "bad-request" } },
      });
      expect(failures).toEqual([]);
    },
  );

  test("a body that is too large", async () => {
    await serve();
    const { status, body } = await send("POST", "/v1/plan", Buffer.alloc(3 << 20, "x"));
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { message: "the request body is over 1 MiB" } });
    expect(await send("GET", "/v1/status")).toMatchObject({ status: 200 });
  });

  test("a failure that its sender can act on has its status, and is not logged", async () => {
    const refuse = (error: ControlError) => async () => Promise.reject(error);
    await serve({
      "POST /v1/reload": refuse(new ControlError("config-invalid", "wrong", "correct it", [])),
      "POST /v1/plan": refuse(new ControlError("checker-not-running", "not now", "try again")),
    });
    expect(await send("POST", "/v1/reload")).toMatchObject({
      status: 422,
      body: { error: { code: "config-invalid", message: "wrong", hint: "correct it", diagnostics: [] } },
    });
    const { status, body } = await send("POST", "/v1/plan");
    expect(status).toBe(503);
    expect(body).toEqual({ error: { code: "checker-not-running", message: "not now", hint: "try again" } });
    expect(failures).toEqual([]);
  });

  test("a fault of ours is answered, and told to the log; the next request is served", async () => {
    await serve({ "GET /v1/status": () => Promise.reject(new TypeError("x is not a function")) });
    expect(await send("GET", "/v1/status")).toMatchObject({
      status: 500,
      body: { error: { code: "internal", message: "x is not a function" } },
    });
    expect(failures).toEqual(["GET /v1/status: TypeError: x is not a function"]);
    expect(await send("POST", "/v1/reload")).toMatchObject({ status: 200 });
  });

  test("garbage instead of HTTP harms nobody", async () => {
    await serve();
    const socket = connect(path).on("error", () => {});
    socket.end("\u0000\u0001 hello\r\n\r\n");
    expect(await send("GET", "/v1/status")).toMatchObject({ status: 200 });
  });
});

describe("the socket", () => {
  test("is for its user and group, in a directory that is made for it", async () => {
    await serve();
    expect(statSync(path).mode & 0o777).toBe(0o660);
  });

  test("of a live director is left alone", async () => {
    await serve();
    await expect(
      serveControl({
        path,
        replaces: false,
        gid: null,
        handlers: {} as ControlHandlers,
        events: new EventLog(),
        onFailure: () => {},
      }),
    ).rejects.toThrow(ControlSocketInUse);
    expect(await send("GET", "/v1/status")).toMatchObject({ status: 200 });
  });

  test("that nobody answers on is replaced, and so is a file of another kind", async () => {
    await serve();
    await closers.pop()?.();
    writeFileSync(path, "");
    await serve();
    expect(await send("GET", "/v1/status")).toMatchObject({ status: 200 });
  });

  test("of a successor comes to its place while the one of its predecessor ends", async () => {
    await serve();
    const taken = serve({}, { replaces: true });
    await closers.pop()?.();
    await taken;
    expect(await send("GET", "/v1/status")).toMatchObject({ status: 200 });
    expect(readdirSync(dirname(path))).toEqual(["control.sock"]);
  });

  test("is taken back from a successor that failed, or from one that has not come", async () => {
    const first = await serve({ "GET /v1/status": async () => ({ by: "first" }) as never });
    for (const comes of [true, false]) {
      const decide = first.lend();
      if (comes) {
        await serve({ "GET /v1/status": async () => ({ by: "second" }) as never }, { replaces: true });
        expect(await send("GET", "/v1/status")).toMatchObject({ body: { by: "second" } });
        // Of one that was killed before that.
        writeFileSync(join(dirname(path), "control.0123ab"), "");
      }
      decide("take_back");
      expect(await send("GET", "/v1/status")).toMatchObject({ body: { by: "first" } });
      expect(readdirSync(dirname(path))).toEqual(["control.sock"]);
    }
    first.lend()("leave");
    expect(readdirSync(dirname(path))).toEqual(["control.sock"]);
  });

  test("left behind by a process that was killed is replaced", async () => {
    await serve();
    await closers.pop()?.();
    // A listener whose file outlives it, as after SIGKILL: the name is made again as a link to a socket that is closed.
    const other = join(directory, "other.sock");
    const leftover = createServer().listen(other);
    await new Promise((resolve) => leftover.once("listening", resolve));
    linkSync(other, path);
    await new Promise((resolve) => leftover.close(resolve));
    expect(existsSync(path)).toBe(true);
    await serve();
    expect(await send("GET", "/v1/status")).toMatchObject({ status: 200 });
  });

  test.each(["", "GET /v1/st", "POST /v1/plan HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{"])(
    "is closed, and gone, although a client that sent %j never goes on",
    async (text) => {
      await serve();
      const socket = connect(path).on("error", () => {});
      await new Promise((resolve) => socket.once("connect", resolve));
      socket.write(text);
      await sleep(100);
      await closers.pop()?.();
      expect(existsSync(path)).toBe(false);
      socket.destroy();
    },
  );

  test("answers what is under way before it closes", async () => {
    let finish: (answer: never) => void = () => {};
    const began = Promise.withResolvers<void>();
    await serve({
      "GET /v1/status": () => {
        began.resolve();
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
    });
    const answer = send("GET", "/v1/status");
    await began.promise;
    const closed = closers.pop()?.();
    finish({ late: true } as never);
    expect(await answer).toMatchObject({ status: 200, body: { late: true } });
    await closed;
  });
});
