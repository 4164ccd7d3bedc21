import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ConnectOptions, ProbeSpec, Url } from "../check.ts";
import type { Reason, Verdict } from "../verdict.ts";
import { connectTo, httpGet, tcpCheck, url } from "./examples.ts";
import {
  answers,
  type Behaviour,
  drips,
  floods,
  hangs,
  listen,
  listenWithoutAccepting,
  type TestServer,
  unusedPort,
} from "./misbehaving-server.ts";
import { type CreateEngine, EngineUnderTest, until } from "./probe-once.ts";
import { withoutDescriptors } from "./without-descriptors.ts";

/** For those that have no answer. */
const timeoutMs = 400;
/** For those that have one, however noisy the machine. */
const patienceMs = 20_000;
const hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/**
 * What every probe engine must do, against real servers on loopback. `overrides` go into the connect options of all probes,
 * so that an engine's several ways to connect can be put under the same contract.
 */
export function describeEngine(name: string, create: CreateEngine, overrides: Partial<ConnectOptions> = {}): void {
  describe(name, () => {
    let subject: EngineUnderTest;
    const servers: { close: () => Promise<void> }[] = [];

    beforeEach(() => {
      subject = new EngineUnderTest(create);
    });
    afterEach(async () => {
      subject.engine.close();
      await Promise.all(servers.splice(0).map((server) => server.close()));
    });

    const connect = (port: number, more: Partial<ConnectOptions> = {}) => connectTo(port, { ...overrides, ...more });

    async function serve(behaviour: Behaviour, address?: string): Promise<TestServer> {
      const server = await listen(behaviour, address);
      servers.push(server);
      return server;
    }

    async function probe(spec: ProbeSpec, withinMs = patienceMs): Promise<Verdict> {
      const [verdict] = await subject.run([spec], withinMs);
      return verdict as Verdict;
    }

    async function probeServer(
      behaviour: Behaviour,
      settings: Partial<Url> = {},
      withinMs = patienceMs,
    ): Promise<Verdict> {
      const server = await serve(behaviour);
      return probe(httpGet(connect(server.port), [url(settings)]), withinMs);
    }

    function expectReason(verdict: Verdict, reason: Reason | object, path: string | null = "/"): void {
      expect(verdict).toMatchObject({ ok: false, reason, url: path });
    }

    function expectDeadline(verdict: Verdict, phase: string, path: string | null = "/"): void {
      expectReason(verdict, { kind: "deadline", phase, afterMs: timeoutMs }, path);
      expect(verdict.latencyMs).toBeGreaterThanOrEqual(timeoutMs - 2);
    }

    describe("TCP_CHECK", () => {
      test("passes when the connection stands, and closes it", async () => {
        const server = await serve(hangs);
        expect(await probe(tcpCheck(connect(server.port)))).toMatchObject({ ok: true });
        await until(() => server.accepted() === 1 && server.open() === 0);
      });

      test("over IPv6", async () => {
        const server = await serve(hangs, "::1");
        expect(await probe(tcpCheck(connect(server.port, { address: "::1" })))).toMatchObject({ ok: true });
      });

      test("refused", async () => {
        expectReason(await probe(tcpCheck(connect(await unusedPort()))), { kind: "refused" }, null);
      });

      test("without an answer to the connection request: deadline", async () => {
        const silent = await listenWithoutAccepting();
        servers.push(silent);
        expectDeadline(await probe(tcpCheck(connect(silent.port)), timeoutMs), "connect", null);
      });

      test("a server that closes or resets at once has accepted", async () => {
        const closes = await serve((socket) => void socket.end());
        const speaks = await serve((socket) => void socket.end("220 hello\r\n"));
        const verdicts = await subject.run(
          [tcpCheck(connect(closes.port)), tcpCheck(connect(speaks.port))],
          patienceMs,
        );
        expect(verdicts).toMatchObject([{ ok: true }, { ok: true }]);
      });
    });

    describe("HTTP_GET", () => {
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
        const [verdict] = await subject.run([httpGet(connect(server.port))], patienceMs);
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
    });

    describe("what this machine lacks", () => {
      test("a route", async () => {
        // tcp_v4_connect has none to a broadcast address, whatever the routing table says.
        const nowhere = tcpCheck(connect(80, { address: "255.255.255.255" }));
        expectReason(await probe(nowhere), { kind: "unreachable", errno: "ENETUNREACH" }, null);
      });

      test("descriptors", async () => {
        const server = await serve(answers(hello));
        const specs = [tcpCheck(connect(server.port)), httpGet(connect(server.port))];
        await subject.run(specs, timeoutMs);
        const verdicts = await withoutDescriptors(() => subject.run(specs, timeoutMs));
        for (const verdict of verdicts) {
          expect(verdict).toMatchObject({ ok: false, reason: { kind: "local", errno: "EMFILE", call: "socket" } });
        }
        expect(await subject.run(specs, timeoutMs)).toMatchObject([{ ok: true }, { ok: true }]);
      });
    });

    describe("source address and port", () => {
      test("bindto and bind_port are what the server sees, probe after probe", async () => {
        const peers: string[] = [];
        const server = await serve((socket) => {
          peers.push(`${socket.remoteAddress}:${socket.remotePort}`);
          answers(hello)(socket);
        });
        const bindPort = await unusedPort();
        const from = connect(server.port, { bindto: "127.0.0.9", bindPort });
        for (const spec of [tcpCheck(from), tcpCheck(from), httpGet(from, [url(), url()])]) {
          expect(await probe(spec)).toMatchObject({ ok: true });
        }
        await until(() => peers.length === 4);
        expect(new Set(peers)).toEqual(new Set([`127.0.0.9:${bindPort}`]));
      });

      test("bind_port in use", async () => {
        const server = await serve(hangs);
        const other = await serve(hangs);
        const verdict = await probe(tcpCheck(connect(server.port, { bindto: "127.0.0.1", bindPort: other.port })));
        expectReason(verdict, { kind: "local", errno: "EADDRINUSE", call: "bind" }, null);
      });

      test("bindto an address that this machine does not have", async () => {
        const server = await serve(hangs);
        const verdict = await probe(tcpCheck(connect(server.port, { bindto: "192.0.2.77" })));
        expectReason(verdict, { kind: "local", errno: "EADDRNOTAVAIL", call: "bind" }, null);
      });

      test("what is no address or port is a local error, not an exception", async () => {
        const specs = [connect(80, { address: "no address" }), connect(80, { bindto: "nobody" })].map(tcpCheck);
        for (const verdict of await subject.run(specs, patienceMs)) {
          expectReason(verdict, { kind: "local", errno: "EINVAL" }, null);
        }
      });
    });

    describe("batches", () => {
      test("a result never arrives from within start", async () => {
        const port = await unusedPort();
        subject.start([tcpCheck(connect(port)), tcpCheck(connect(port, { address: "no address" }))], timeoutMs);
        expect(subject.results).toEqual([]);
        await until(() => subject.results.length === 2);
      });

      test("hundreds at once, good and bad mixed, give one result each and leave no descriptor behind", async () => {
        const good = await serve(answers(hello));
        const slow = await serve(drips("HTTP/1.1 200 OK\r\n\r\n"));
        const refusing = await unusedPort();
        const one = [
          httpGet(connect(good.port)),
          httpGet(connect(slow.port)),
          tcpCheck(connect(good.port)),
          tcpCheck(connect(refusing)),
        ];
        await subject.run(one, 200);
        await until(() => good.open() + slow.open() === 0);
        const before = openDescriptors();
        const verdicts = await subject.run(
          Array.from({ length: 300 }, (_, index) => one[index % 4] as ProbeSpec),
          4000,
        );
        expect(verdicts.map(({ ok }) => ok)).toEqual(Array.from({ length: 300 }, (_, index) => index % 2 === 0));
        await until(() => good.open() + slow.open() === 0);
        await until(() => openDescriptors() <= before);
        expect(Math.max(...subject.batches)).toBeGreaterThan(1);
      });

      test("cancel ends the connection at once and without a result; unknown ids are ignored", async () => {
        const server = await serve(hangs);
        const [id] = subject.start([httpGet(connect(server.port))], 10_000);
        await until(() => server.open() === 1);
        subject.engine.cancel([id as number, 4711]);
        await until(() => server.open() === 0);
        // A probe that was cancelled before it could even connect, and one whose result was ready but not reported.
        const ids = subject.start(
          [tcpCheck(connect(server.port)), tcpCheck(connect(1, { address: "no address" }))],
          timeoutMs,
        );
        subject.engine.cancel(ids);
        await new Promise((resolve) => setTimeout(resolve, 2 * timeoutMs));
        expect([subject.results, server.open()]).toEqual([[], 0]);
      });

      test("close cancels everything", async () => {
        const server = await serve(hangs);
        subject.start([httpGet(connect(server.port)), httpGet(connect(server.port))], 10_000);
        await until(() => server.open() === 2);
        subject.engine.close();
        await until(() => server.open() === 0);
        expect(subject.results).toEqual([]);
      });
    });
  });
}

function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
