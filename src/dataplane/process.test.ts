import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../demo/free-port.ts";
import { connectUserspace } from "./client.ts";
import { type DataPlaneProcess, startDataPlane, until } from "./testing/data-plane-process.ts";
import { destinationOf, serviceOf, tcpKey } from "./testing/entries.ts";

const program = join(import.meta.dirname, "main.ts");
const directory = mkdtempSync(join(tmpdir(), "lbctl-dataplane-"));
const started: DataPlaneProcess[] = [];

afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(async () => {
  await Promise.all(started.splice(0).map((plane) => plane.stop()));
});

async function start(): Promise<DataPlaneProcess> {
  const plane = await startDataPlane();
  started.push(plane);
  return plane;
}

describe("the process", () => {
  test("serves a socket that only its user may open, under an identity of its own", async () => {
    const [one, other] = [await start(), await start()];
    expect(statSync(one.path).mode & 0o777).toBe(0o600);
    expect(one.client.identity).toMatch(/^[0-9a-f-]{36}$/);
    expect(one.client.identity).not.toBe(other.client.identity);
    const second = await connectUserspace(one.path);
    expect(second.identity).toBe(one.client.identity);
    await second.close();
  });

  test("ends when its parent is gone; not at a signal to all of a group, which its parent answers", async () => {
    const plane = await start();
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) plane.process.kill(signal);
    expect(await plane.client.dump()).toEqual([]);
    plane.process.disconnect();
    expect(await once(plane.process, "exit")).toEqual([0, null]);
    expect(existsSync(plane.path)).toBe(false);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("without a parent it ends at %s", async (signal) => {
    const path = join(directory, `${signal}.sock`);
    const alone = spawn(process.execPath, [program, path], { stdio: "ignore" });
    await until("it listens", () => existsSync(path));
    alone.kill(signal);
    expect(await once(alone, "exit")).toEqual([0, null]);
    expect(existsSync(path)).toBe(false);
  });

  test("takes over a socket that nobody answers on, waits for one that somebody does, but not for ever", async () => {
    const path = join(directory, "taken.sock");
    writeFileSync(path, "");
    const first = fork(program, [path], { execArgv: [] });
    await once(first, "message");
    const second = fork(program, [path], { execArgv: [], silent: true });
    let said = "";
    second.stderr?.on("data", (text) => {
      said += String(text);
    });
    expect(await once(second, "exit")).toEqual([1, null]);
    expect(said).toContain(`another user-space data plane answers on ${path}`);
    const client = await connectUserspace(path);
    expect(await client.dump()).toEqual([]);
    await client.close();
    const successor = fork(program, [path], { execArgv: [] });
    const ready = once(successor, "message");
    // Long enough for the successor to find the first one still there.
    await sleep(1000);
    first.disconnect();
    await once(first, "exit");
    await ready;
    successor.disconnect();
    await once(successor, "exit");
  });

  test.each([
    ["without a path", [], 2, "the path of the socket is missing"],
    ["with a path that no socket can have", [`/tmp/${"x".repeat(120)}`], 1, "107 bytes"],
  ])("%s says so and ends", async (_what, args, status, sentence) => {
    const child = fork(program, args, { execArgv: [], silent: true });
    let said = "";
    child.stderr?.on("data", (text) => {
      said += String(text);
    });
    expect(await once(child, "exit")).toEqual([status, null]);
    expect(said).toContain(sentence);
  });
});

describe("garbage on the socket", () => {
  let plane: DataPlaneProcess;
  beforeAll(async () => {
    plane = await startDataPlane();
  });
  afterAll(() => plane.stop());

  /** What the process answers to these bytes before it, or we, close the connection. */
  async function answerTo(bytes: string | Uint8Array): Promise<string> {
    const socket = connect(plane.path);
    socket.on("error", () => {});
    let answer = "";
    socket.on("data", (data) => {
      answer += String(data);
    });
    socket.end(bytes);
    await new Promise((resolve) => socket.once("close", resolve));
    return answer;
  }

  test("is answered with an error, or with nothing; the process lives on", async () => {
    expect(await answerTo("GET / HTTP/1.1\r\nhost: x\r\n\r\n")).toContain("not JSON");
    expect(await answerTo('{"id":5,"call":"apply","operations":[{"kind":"del-service"}]}\n')).toMatch(
      /^{"id":5,"error":/,
    );
    expect(await answerTo("half a line")).toBe("");
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => `${text}\n`),
        ),
        async (bytes) => {
          await answerTo(bytes);
        },
      ),
      { numRuns: 50 },
    );
    expect(await plane.client.dump()).toEqual([]);
  });

  test("an endless line ends its connection, and nothing else", async () => {
    const socket = connect(plane.path);
    socket.on("error", () => {});
    socket.write(Buffer.alloc(64 << 20, "x"));
    await new Promise((resolve) => socket.once("close", resolve));
    expect(await plane.client.dump()).toEqual([]);
  });

  test("a client that asks and does not read holds up nobody", async () => {
    const key = tcpKey(await freePort());
    await plane.apply({ kind: "new-service", service: serviceOf(key) });
    for (let port = 1; port <= 300; port++) {
      await plane.apply({ kind: "new-destination", key, destination: destinationOf(port) });
    }
    const deaf = connect(plane.path).pause();
    deaf.on("error", () => {});
    for (let id = 0; id < 500; id++) deaf.write(`{"id":${id},"call":"dump"}\n`);
    expect((await plane.destinations()).length).toBe(300);
    deaf.destroy();
    expect((await plane.destinations()).length).toBe(300);
    await plane.apply({ kind: "del-service", key });
  });
});

describe("the client", () => {
  test("says what is wrong when nobody listens", async () => {
    const path = join(directory, "absent.sock");
    await expect(connectUserspace(path)).rejects.toMatchObject({
      code: "unreachable",
      message: `no user-space data plane answers on ${path}: ENOENT`,
    });
  });

  test("rejects what was under way when the process dies, and finds its successor, which is another, with the next call", async () => {
    const path = join(directory, "restarted.sock");
    const run = async (): Promise<ReturnType<typeof fork>> => {
      const child = fork(program, [path], { execArgv: [] });
      await once(child, "message");
      return child;
    };
    const first = await run();
    const client = await connectUserspace(path);
    const { identity } = client;
    const key = tcpKey(await freePort());
    await client.apply([{ kind: "new-service", service: serviceOf(key) }]);
    first.kill("SIGSTOP");
    const pending = client.dump();
    first.kill("SIGKILL");
    await expect(pending).rejects.toMatchObject({ code: "connection-lost" });
    if (first.signalCode === null) await once(first, "exit");
    await expect(client.dump()).rejects.toMatchObject({ code: "unreachable" });
    const second = await run();
    expect(await Promise.all([client.dump(), client.read([key])])).toEqual([[], []]);
    expect(client.identity).not.toBe(identity);
    await client.close();
    await expect(client.dump()).rejects.toMatchObject({ code: "closed" });
    second.disconnect();
    await once(second, "exit");
  });

  test("rejects answers that are none", async () => {
    const path = join(directory, "liar.sock");
    const liar = createServer((socket) => void socket.on("error", () => {}).end("hello there\n")).listen(path);
    await once(liar, "listening");
    await expect(connectUserspace(path)).rejects.toMatchObject({ code: "protocol" });
    liar.close();
  });

  test("refuses another version of the protocol", async () => {
    const path = join(directory, "future.sock");
    const answer = '{"id":1,"result":{"version":99,"identity":"x","pid":1}}\n';
    const future = createServer((socket) => void socket.on("error", () => {}).write(answer)).listen(path);
    await once(future, "listening");
    await expect(connectUserspace(path)).rejects.toMatchObject({ code: "version" });
    future.close();
  });

  test("a large table goes out and comes back whole, in order", async () => {
    const plane = await start();
    const keys = Array.from({ length: 600 }, (_, n) => tcpKey(20_000 + n, `127.1.${n >> 8}.${n & 255}`));
    await plane.apply(
      ...keys.map((key) => ({ kind: "new-service", service: serviceOf(key) }) as const),
      ...keys.map((key) => ({ kind: "new-destination", key, destination: destinationOf(80) }) as const),
    );
    const entries = await plane.client.dump();
    expect(entries.map(({ service }) => service.key)).toEqual(keys);
    expect(entries.every(({ destinations }) => destinations.length === 1)).toBe(true);
    const some = [keys[7], keys[400]].flatMap((key) => key ?? []);
    expect((await plane.client.read([...some, tcpKey(1)])).map(({ service }) => service.key)).toEqual(some);
  });

  test("results come by operation, and a failed one does not stop the rest", async () => {
    const plane = await start();
    const key = tcpKey(await freePort());
    const results = await plane.client.apply([
      { kind: "del-service", key },
      { kind: "new-service", service: serviceOf(key) },
      { kind: "new-service", service: serviceOf(tcpKey(key.port, "192.0.2.1")) },
      { kind: "new-destination", key, destination: destinationOf(80, { method: "DR" }) },
      { kind: "new-destination", key, destination: destinationOf(80) },
    ]);
    expect(results.map((result) => (result.ok ? "ok" : result.errno))).toEqual([
      "ESRCH",
      "ok",
      "EADDRNOTAVAIL",
      "EOPNOTSUPP",
      "ok",
    ]);
  });

  test("a port that another program has is refused with what to do", async () => {
    const plane = await start();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const bound = other.address();
    const key = tcpKey(bound !== null && typeof bound !== "string" ? bound.port : 0);
    const [result] = await plane.client.apply([{ kind: "new-service", service: serviceOf(key) }]);
    expect(result).toMatchObject({ ok: false, errno: "EADDRINUSE", message: expect.stringContaining("ss -ltnp") });
    expect(await plane.client.dump()).toEqual([]);
    other.close();
    await until(
      "the port is free",
      async () => (await plane.client.apply([{ kind: "new-service", service: serviceOf(key) }]))[0]?.ok === true,
    );
  });
});
