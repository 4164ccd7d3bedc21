import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { get } from "./client-load-request.ts";
import { type LoadSummary, summarize } from "./client-load-summary.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<{ readonly server: Server; readonly url: URL }> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return { server, url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`) };
}

describe("get", () => {
  test("takes the server's name from the first line", async () => {
    const { url } = await serve((_, response) => response.end("r1\nmore"));
    expect(await get(url, 20_000, false)).toMatchObject({ ok: true, server: "r1" });
  });

  test("names a bad status", async () => {
    const { url } = await serve((_, response) => response.writeHead(503).end("r1"));
    expect(await get(url, 20_000, false)).toMatchObject({ ok: false, reason: "status 503" });
  });

  test("names a refused connection", async () => {
    const { server, url } = await serve(() => {});
    server.close();
    await once(server, "close");
    expect(await get(url, 20_000, false)).toMatchObject({ ok: false, reason: "connect: ECONNREFUSED" });
  });

  test("names a server that hangs up", async () => {
    const { url } = await serve((request) => request.socket.destroy());
    expect(await get(url, 20_000, false)).toMatchObject({ ok: false, reason: "request: ECONNRESET" });
  });

  test("names a body cut short", async () => {
    const { url } = await serve((request, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("r1\n", () => request.socket.destroy());
    });
    expect(await get(url, 20_000, false)).toMatchObject({ ok: false, reason: "body: ECONNRESET" });
  });

  test("waits no longer than its deadline for a server that drips", async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write("."), 50);
      response.once("close", () => clearInterval(drip));
    });
    const outcome = await get(url, 3000, false);
    expect(outcome).toMatchObject({ ok: false, reason: "body: no answer within 3000 ms" });
    expect(outcome.tookMs).toBeGreaterThanOrEqual(2995);
  });
});

describe("the program", () => {
  async function linesOf(url: URL, ...words: readonly string[]): Promise<readonly string[]> {
    const child = spawn(process.execPath, [join(import.meta.dirname, "client-load.ts"), "--url", url.href, ...words], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      output += piece;
    });
    await once(child, "close");
    return output.trim().split("\n");
  }

  async function run(url: URL, ...words: readonly string[]): Promise<LoadSummary> {
    const [first, last = ""] = await linesOf(url, ...words);
    expect(first).toBe("running");
    return JSON.parse(last);
  }

  test("tells when another server answers", async () => {
    let requests = 0;
    const { url } = await serve((_, response) => {
      requests += 1;
      response.end(requests <= 3 ? "r1" : "r2");
    });
    const lines = await linesOf(url, "--changes", "--hold", "--rate", "20", "--duration-ms", "4000");
    expect(lines.slice(0, -1)).toEqual(["running", "from r1", "from r2"]);
  });

  test("opens a connection for each request, and counts by server and reason", async () => {
    let requests = 0;
    const ports = new Set<number | undefined>();
    const { url } = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      requests += 1;
      if (requests % 5 === 0) response.writeHead(500).end();
      else response.end(requests % 2 === 0 ? "even" : "odd");
    });
    const summary = await run(url, "--rate", "50", "--duration-ms", "4000");
    expect(summary.total).toBe(requests);
    expect(summary.total).toBeGreaterThan(10);
    expect(ports.size).toBe(requests);
    expect(summary.byReason).toEqual({ "status 500": Math.floor(requests / 5) });
    expect(Object.keys(summary.byServer).sort()).toEqual(["even", "odd"]);
    expect(summary.failures[0]).toMatchObject({ reason: "status 500", startedAtMs: expect.any(Number) });
  });

  test("counts what it could not send", async () => {
    const { url } = await serve(() => {});
    const summary = await run(
      url,
      "--rate",
      "50",
      "--duration-ms",
      "4000",
      "--concurrency",
      "2",
      "--deadline-ms",
      "400",
    );
    expect(summary.ok).toBe(0);
    expect(summary.notSent).toBeGreaterThan(10);
    expect(summary.byReason).toEqual({ "request: no answer within 400 ms": summary.total });
  });

  test("holds one connection, and says so when it is lost", async () => {
    const ports = new Set<number | undefined>();
    let requests = 0;
    const { url } = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      requests += 1;
      if (requests === 5) request.socket.destroy();
      else response.end("r1");
    });
    const summary = await run(url, "--hold", "--rate", "20", "--duration-ms", "4000");
    expect(ports.size).toBe(1);
    expect(summary.byServer).toEqual({ r1: 4 });
    expect(summary.byReason["request: ECONNRESET"]).toBe(1);
    expect(Object.keys(summary.byReason).sort()).toEqual(["connect: connection lost", "request: ECONNRESET"]);
  });
});

test("summarize puts failures in order, and keeps the count of those it leaves out", () => {
  const failure = (startedAtMs: number) => ({ startedAtMs, tookMs: 1, ok: false as const, reason: "x" });
  const answer = (tookMs: number) => ({ startedAtMs: 0, tookMs, ok: true as const, server: "r1" });
  const outcomes = [...Array.from({ length: 300 }, (_, i) => failure(300 - i)), ...[4, 3, 2, 1].map(answer)];
  const summary = summarize(outcomes, 7);
  expect(summary).toMatchObject({ total: 304, ok: 4, failed: 300, notSent: 7, latencyMs: { p50: 2, p99: 4, max: 4 } });
  expect(summary.failures).toHaveLength(200);
  expect(summary.failures[0]?.startedAtMs).toBe(1);
  expect(summarize([], 0).latencyMs).toEqual({ p50: 0, p99: 0, max: 0 });
});
