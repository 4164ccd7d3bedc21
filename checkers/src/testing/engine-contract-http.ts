import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Verdict } from "../verdict.ts";
import { type EngineBench, hello, patienceMs, timeoutMs } from "./engine-bench.ts";
import { httpGet, url } from "./examples.ts";
import { answers, drips, floods, hangs, unusedPort } from "./misbehaving-server.ts";
import { until } from "./probe-once.ts";

const chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** The part of the contract of engines that is about HTTP_GET. */
export function describeHttpGet(bench: EngineBench): void {
  const { connect, serve, probe, probeServer, expectReason, expectDeadline } = bench;

  test("passes with the right status, without waiting for the server to close", async () => {
    expect(await probeServer(answers(hello))).toMatchObject({ ok: true });
  });

  test("passes with a body until close, and with a chunked one", async () => {
    expect(await probeServer(answers("HTTP/1.0 200 OK\r\n\r\nhello", (socket) => socket.end()))).toMatchObject({
      ok: true,
    });
    const chunked = answers(`${chunkedHead}5\r\nhello\r\n0\r\n\r\n`);
    expect(await probeServer(chunked, { digest: md5("hello") })).toMatchObject({ ok: true });
  });

  test("sends path, protocol and virtualhost", async () => {
    let request = "";
    const server = await serve((socket) => {
      socket.on("data", (bytes) => {
        request += bytes.toString("latin1");
        socket.write(hello);
      });
    });
    const urls = [url({ path: "/a?b", virtualhost: "www.example.org" })];
    await probe({ ...httpGet(connect(server.port), urls), httpProtocol: "1.1" });
    expect(request.split("\r\n")[0]).toBe("GET /a?b HTTP/1.1");
    expect(request).toMatch(/\r\nHost: www\.example\.org\r\n/);
    expect(request).toMatch(/\r\nConnection: close\r\n/);
  });

  test("several urls one after another, each on its own connection, until one fails", async () => {
    const paths: string[] = [];
    const server = await serve(
      answers((path) => {
        paths.push(path);
        return path === "/bad" ? hello.replace("200", "500") : hello;
      }),
    );
    const urls = ["/a", "/b", "/bad", "/never"].map((path) => url({ path }));
    expectReason(await probe(httpGet(connect(server.port), urls)), { kind: "status", got: 500 }, "/bad");
    expect([paths, server.accepted()]).toEqual([["/a", "/b", "/bad"], 3]);
    expect(await probe(httpGet(connect(server.port), urls.slice(0, 2)))).toMatchObject({ ok: true });
  });

  test("each url has the whole deadline", async () => {
    const server = await serve((socket) => {
      socket.on("data", () => setTimeout(() => socket.end(hello), 0.6 * timeoutMs));
    });
    const urls = ["/a", "/b"].map((path) => url({ path }));
    const verdict = await probe(httpGet(connect(server.port), urls), timeoutMs);
    expect(verdict).toMatchObject({ ok: true });
    expect(verdict.latencyMs).toBeGreaterThan(timeoutMs);
  });

  test("wrong status", async () => {
    const wanted = [{ from: 200, to: 299 }];
    const verdict = await probeServer(answers(hello.replace("200", "503")));
    expectReason(verdict, { kind: "status", got: 503, wanted });
  });

  test("wrong digest", async () => {
    const verdict = await probeServer(answers(hello), { digest: md5("other") });
    expectReason(verdict, { kind: "digest", got: md5("hello"), wanted: md5("other") });
  });

  test("a body in several pieces, and one that is empty, have their digests", async () => {
    const head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
    const pieces = answers(`${head}hello`, (socket) => void setTimeout(() => socket.write("world"), 50));
    expect(await probeServer(pieces, { digest: md5("helloworld") })).toMatchObject({ ok: true });
    const empty = answers("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    expect(await probeServer(empty, { digest: md5("") })).toMatchObject({ ok: true });
    expectReason(await probeServer(pieces, { digest: md5("hello") }), { kind: "digest", got: md5("helloworld") });
  });

  test("an agent in the body says the weight", async () => {
    const agent = answers("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n75%\n");
    expect(await probeServer(agent, { agentBody: true })).toMatchObject({ ok: true, weightPercent: 75 });
  });

  test("refused", async () => {
    expectReason(await probe(httpGet(connect(await unusedPort()))), { kind: "refused" });
  });

  test.each([
    ["request", "accepts and hangs", hangs],
    ["headers", "drips headers", drips("HTTP/1.1 200 OK\r\nX: ")],
    ["body", "drips a body of known length", drips("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")],
    ["body", "drips a body without end", drips("HTTP/1.1 200 OK\r\n\r\n")],
    ["body", "stops within a chunk", answers(`${chunkedHead}10\r\nhello`)],
    ["headers", "goes on with interim responses only", answers("HTTP/1.1 100 Continue\r\n\r\n")],
  ] as const)("deadline in the %s when the server %s", async (phase, _, behaviour) => {
    expectDeadline(await probeServer(behaviour, {}, timeoutMs), phase);
  });

  test.each([
    ["request", "at once", ""],
    ["headers", "within the headers", "HTTP/1.1 200 OK\r\nX"],
    ["body", "within the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"],
    ["body", "within a chunk", `${chunkedHead}10\r\nhello`],
  ] as const)("closed in the %s when the server closes %s", async (phase, _, response) => {
    expectReason(await probeServer((socket) => void socket.on("data", () => socket.end(response))), {
      kind: "closed",
      phase,
    });
  });

  test.each([
    ["request", "at once", ""],
    ["headers", "within the headers", "HTTP/1.1 200 OK\r\nX"],
    ["body", "within the body", "HTTP/1.1 200 OK\r\n\r\nhello"],
  ] as const)("reset in the %s when the server resets %s", async (phase, _, response) => {
    // Some time between the last byte and the reset, or the peer never reads the byte.
    const verdict = await probeServer((socket) => {
      socket.on("data", () => {
        socket.write(response);
        setTimeout(() => socket.resetAndDestroy(), 100);
      });
    });
    expectReason(verdict, { kind: "reset", phase });
  });

  test.each([
    ["an endless body", floods("HTTP/1.1 200 OK\r\n\r\n", "x".repeat(65_536)), 16 * 1024 * 1024],
    [
      "a body that says it is huge",
      answers("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
      16 * 1024 * 1024,
    ],
    ["endless headers", floods("HTTP/1.1 200 OK\r\n", "X: 0123456789\r\n"), 64 * 1024],
    ["an endless status line", floods("HTTP/1.1 200 ", "x".repeat(4096)), 64 * 1024],
  ] as const)("too large: %s", async (_, behaviour, limitBytes) => {
    const server = await serve(behaviour);
    const [verdict] = await bench.subject.run([httpGet(connect(server.port))], patienceMs);
    expectReason(verdict as Verdict, { kind: "too_large", limitBytes });
    await until(() => server.open() === 0);
  });

  test("malformed: another protocol", async () => {
    const verdict = await probeServer((socket) => void socket.write("SSH-2.0-OpenSSH_9.2\r\n"));
    expectReason(verdict, { kind: "malformed", detail: 'status line "SSH-2.0-OpenSSH_9.2"' });
  });

  test("malformed: octets that are nothing", async () => {
    const noise = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 7919) % 251));
    expectReason(await probeServer((socket) => void socket.on("data", () => socket.end(noise))), {
      kind: "malformed",
    });
  });
}
