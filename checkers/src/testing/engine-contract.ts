import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ConnectOptions, ProbeSpec } from "../check.ts";
import { engineBench, hello, patienceMs, timeoutMs } from "./engine-bench.ts";
import { describeHttpGet } from "./engine-contract-http.ts";
import { httpGet, tcpCheck, url } from "./examples.ts";
import { answers, drips, hangs, listenWithoutAccepting, unusedPort } from "./misbehaving-server.ts";
import { type CreateEngine, until } from "./probe-once.ts";
import { withoutDescriptors } from "./without-descriptors.ts";

/**
 * What every probe engine must do, against real servers on loopback. `overrides` go into the connect options of all probes,
 * so that an engine's several ways to connect can be put under the same contract.
 */
export function describeEngine(name: string, create: CreateEngine, overrides: Partial<ConnectOptions> = {}): void {
  describe(name, () => {
    const bench = engineBench(create, overrides);
    const { connect, serve, closeLater, probe, expectReason, expectDeadline } = bench;

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
        closeLater(silent);
        expectDeadline(await probe(tcpCheck(connect(silent.port)), timeoutMs), "connect", null);
      });

      test("a server that closes or resets at once has accepted", async () => {
        const closes = await serve((socket) => void socket.end());
        const speaks = await serve((socket) => void socket.end("220 hello\r\n"));
        const verdicts = await bench.subject.run(
          [tcpCheck(connect(closes.port)), tcpCheck(connect(speaks.port))],
          patienceMs,
        );
        expect(verdicts).toMatchObject([{ ok: true }, { ok: true }]);
      });
    });

    describe("HTTP_GET", () => describeHttpGet(bench));

    describe("what this machine lacks", () => {
      test("a route", async () => {
        // tcp_v4_connect has none to a broadcast address, whatever the routing table says.
        const nowhere = tcpCheck(connect(80, { address: "255.255.255.255" }));
        expectReason(await probe(nowhere), { kind: "unreachable", errno: "ENETUNREACH" }, null);
      });

      test("descriptors", async () => {
        const server = await serve(answers(hello));
        const specs = [tcpCheck(connect(server.port)), httpGet(connect(server.port))];
        await bench.subject.run(specs, patienceMs);
        const verdicts = await withoutDescriptors(() => bench.subject.run(specs, timeoutMs));
        for (const verdict of verdicts) {
          expect(verdict).toMatchObject({ ok: false, reason: { kind: "local", errno: "EMFILE", call: "socket" } });
        }
        expect(await bench.subject.run(specs, patienceMs)).toMatchObject([{ ok: true }, { ok: true }]);
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
        for (const verdict of await bench.subject.run(specs, patienceMs)) {
          expectReason(verdict, { kind: "local", errno: "EINVAL" }, null);
        }
      });
    });

    describe("batches", () => {
      test("a result never arrives from within start", async () => {
        const port = await unusedPort();
        bench.subject.start([tcpCheck(connect(port)), tcpCheck(connect(port, { address: "no address" }))], timeoutMs);
        expect(bench.subject.results).toEqual([]);
        await until(() => bench.subject.results.length === 2);
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
        await bench.subject.run(one, 200);
        await until(() => good.open() + slow.open() === 0);
        const before = openDescriptors();
        const verdicts = await bench.subject.run(
          Array.from({ length: 300 }, (_, index) => one[index % 4] as ProbeSpec),
          4000,
        );
        expect(verdicts.map(({ ok }) => ok)).toEqual(Array.from({ length: 300 }, (_, index) => index % 2 === 0));
        await until(() => good.open() + slow.open() === 0);
        await until(() => openDescriptors() <= before);
        expect(Math.max(...bench.subject.batches)).toBeGreaterThan(1);
      });

      test("cancel ends the connection at once and without a result; unknown ids are ignored", async () => {
        const server = await serve(hangs);
        const [id] = bench.subject.start([httpGet(connect(server.port))], 10_000);
        await until(() => server.open() === 1);
        bench.subject.engine.cancel([id as number, 4711]);
        await until(() => server.open() === 0);
        // A probe that was cancelled before it could even connect, and one whose result was ready but not reported.
        const ids = bench.subject.start(
          [tcpCheck(connect(server.port)), tcpCheck(connect(1, { address: "no address" }))],
          timeoutMs,
        );
        bench.subject.engine.cancel(ids);
        await new Promise((resolve) => setTimeout(resolve, 2 * timeoutMs));
        expect([bench.subject.results, server.open()]).toEqual([[], 0]);
      });

      test("close cancels everything", async () => {
        const server = await serve(hangs);
        bench.subject.start([httpGet(connect(server.port)), httpGet(connect(server.port))], 10_000);
        await until(() => server.open() === 2);
        bench.subject.engine.close();
        await until(() => server.open() === 0);
        expect(bench.subject.results).toEqual([]);
      });
    });
  });
}

function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
