import { copyFileSync, readFileSync, utimesSync } from "node:fs";
import type tls from "node:tls";
import { type Native, native } from "ipvs-netlink";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ProbeSpec, TlsOptions, TlsUrl } from "../check.ts";
import { describeVerdict } from "../describe.ts";
import { createProbeEngine } from "../probe-engine.ts";
import { makeCertificates, type TestCertificates } from "../testing/certificates.ts";
import { connectTo, url } from "../testing/examples.ts";
import { answers, type Behaviour, drips, floods, hangs, listen, unusedPort } from "../testing/misbehaving-server.ts";
import { EngineUnderTest, until } from "../testing/probe-once.ts";
import { listenTls } from "../testing/tls-server.ts";
import type { Verdict } from "../verdict.ts";

const hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const timeoutMs = 2000;
const closers: (() => unknown)[] = [];
let certificates: TestCertificates;

beforeAll(() => {
  certificates = makeCertificates();
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serveTls(behaviour: Behaviour, certificate = "good", options: tls.TlsOptions = {}): Promise<number> {
  const server = await listenTls(behaviour, certificates, certificate, options);
  closers.push(server.close);
  return server.port;
}

async function serve(behaviour: Behaviour): Promise<number> {
  const server = await listen(behaviour);
  closers.push(server.close);
  return server.port;
}

function sslGet(port: number, options: Partial<TlsOptions> = {}, settings: Partial<TlsUrl> = {}): ProbeSpec {
  const tlsOptions = { ca: null, certificate: null, key: null, password: null, verify: false, ...options };
  const urls = [{ ...url(), serverName: null, tlsCompliant: false, ...settings }];
  return { type: "SSL_GET", connect: connectTo(port), httpProtocol: "1.1", urls, tls: tlsOptions };
}

let addon: Native | null = null;

async function probe(spec: ProbeSpec, withinMs = timeoutMs): Promise<Verdict> {
  const subject = new EngineUnderTest((onResults) => createProbeEngine(onResults, { addon }));
  closers.push(() => subject.engine.close());
  return (await subject.run([spec], withinMs))[0] as Verdict;
}

describe.each([
  ["in batches", true],
  ["by Node's sockets", false],
] as const)("SSL_GET %s", (_name, inBatches) => {
  beforeAll(() => {
    addon = inBatches ? native() : null;
  });

  test("passes over TLS and says until when the certificate is valid, unverified as with keepalived", async () => {
    const port = await serveTls(answers(hello));
    const verdict = await probe(sslGet(port), 20_000);
    expect(verdict).toMatchObject({ ok: true });
    const daysLeft = ((verdict.ok && verdict.certificateExpiryEpochMs) as number) - Date.now();
    expect(daysLeft / 86_400_000).toBeCloseTo(30, 0);
    expect(describeVerdict(verdict)).toMatch(/^ok in .* ms, certificate valid until \d{4}-\d\d-\d\d$/);
    expect(await probe(sslGet(await serveTls(answers(hello), "expired")), 20_000)).toMatchObject({ ok: true });
  });

  test("judges the answer as HTTP_GET does", async () => {
    const port = await serveTls(answers(hello.replace("200", "503")));
    expect(await probe(sslGet(port), 20_000)).toMatchObject({
      ok: false,
      reason: { kind: "status", got: 503 },
      url: "/",
    });
  });

  test("tells the server the name, when it is to, and never an address", async () => {
    const names: unknown[] = [];
    const port = await serveTls((socket) => {
      names.push((socket as tls.TLSSocket).servername);
      answers(hello)(socket);
    });
    for (const serverName of [null, "www.example.org", "192.0.2.1"])
      await probe(sslGet(port, {}, { serverName }), 20_000);
    expect(names.map((name) => name || null)).toEqual([null, "www.example.org", null]);
  });

  test("tls_verify asks for a certificate that is valid, trusted and for the host", async () => {
    const [good, expired] = [await serveTls(answers(hello)), await serveTls(answers(hello), "expired")];
    const verify = { verify: true, ca: certificates.file("ca.pem") };
    const host = { virtualhost: "www.example.org" };
    expect(await probe(sslGet(good, verify, host), 20_000)).toMatchObject({ ok: true });
    const reason = async (spec: ProbeSpec) => {
      const verdict = await probe(spec, 20_000);
      return verdict.ok ? "ok" : describeVerdict(verdict);
    };
    expect(await reason(sslGet(expired, verify, host))).toBe("/: certificate has expired (CERT_HAS_EXPIRED)");
    expect(await reason(sslGet(good, verify, { virtualhost: "www.example.net:443" }))).toBe(
      "/: certificate is not for www.example.net",
    );
    expect(await reason(sslGet(good, { verify: true }, host))).toMatch(
      /^\/: certificate is signed by an authority that is not/,
    );
  });

  test("shows its own certificate, its key locked with a password, to a server that asks for one", async () => {
    const ca = readFileSync(certificates.file("ca.pem"));
    const port = await serveTls(answers(hello), "good", { requestCert: true, rejectUnauthorized: true, ca });
    const own = {
      certificate: certificates.file("client.pem"),
      key: certificates.file("client-locked.key"),
      password: "secret",
    };
    expect(await probe(sslGet(port, own), 20_000)).toMatchObject({ ok: true });
    const without = await probe(sslGet(port), 20_000);
    expect(describeVerdict(without)).toMatch(/TLS: .*certificate required|connection reset|connection closed/);
    expect(await probe(sslGet(port, { ...own, password: "wrong" }))).toMatchObject({ reason: { kind: "credentials" } });
    const missing = await probe(sslGet(port, { ...own, key: "/nonexistent/key" }));
    expect(describeVerdict(missing)).toContain("the files of SSL cannot be used: ENOENT");
  });

  test("a certificate that is replaced is used within a second", async () => {
    const [cert, key] = [certificates.file("rotating.pem"), certificates.file("rotating.key")];
    const put = (name: string, date: number) => {
      copyFileSync(certificates.file(`${name}.pem`), cert);
      copyFileSync(certificates.file(`${name}.key`), key);
      utimesSync(cert, date, date);
    };
    const seen: string[] = [];
    const behaviour: Behaviour = (socket) => {
      seen.push((socket as tls.TLSSocket).getPeerCertificate().subject.CN as string);
      answers(hello)(socket);
    };
    const port = await serveTls(behaviour, "good", { requestCert: true, rejectUnauthorized: false });
    put("client", 1000);
    await probe(sslGet(port, { certificate: cert, key }), 20_000);
    put("good", 2000);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await probe(sslGet(port, { certificate: cert, key }), 20_000);
    expect(seen).toEqual(["client", "good"]);
  });

  test("tls_compliant ends with a notice, which the server sees as an end and not as an abort", async () => {
    const ends: string[] = [];
    const port = await serveTls((socket) => {
      answers(hello)(socket);
      socket.on("end", () => ends.push("end"));
    });
    expect(await probe(sslGet(port, {}, { tlsCompliant: true }), 20_000)).toMatchObject({ ok: true });
    await until(() => ends.length === 1);
  });

  test.each([
    ["a server that speaks no TLS", (socket) => void socket.end("HTTP/1.1 400 Bad\r\n\r\n"), { kind: "tls" }],
    [
      "one that closes within the handshake",
      (socket) => void socket.once("data", () => socket.end()),
      { kind: "closed", phase: "tls" },
    ],
    [
      "one that resets within the handshake",
      (socket) => void socket.once("data", () => socket.resetAndDestroy()),
      { kind: "reset", phase: "tls" },
    ],
    ["one that never answers the handshake", hangs, { kind: "deadline", phase: "tls", afterMs: timeoutMs }],
    ["one that drips", drips("\x16\x03\x03\x40\x00\x02"), { kind: "deadline", phase: "tls" }],
  ] as [string, Behaviour, object][])("%s", async (_, behaviour, reason) => {
    expect(await probe(sslGet(await serve(behaviour)))).toMatchObject({ ok: false, reason, url: "/" });
  });

  test.each([
    ["hangs", hangs, { kind: "deadline", phase: "request" }],
    ["drips", drips("HTTP/1.1 200 OK\r\n\r\n"), { kind: "deadline", phase: "body" }],
    [
      "closes",
      (socket) => void socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\n")),
      { kind: "closed", phase: "headers" },
    ],
  ] as [string, Behaviour, object][])("a server that %s within TLS", async (_, behaviour, reason) => {
    expect(await probe(sslGet(await serveTls(behaviour)), 3000)).toMatchObject({ ok: false, reason });
  });

  test("an endless body within TLS ends at the limit", async () => {
    const port = await serveTls(floods("HTTP/1.1 200 OK\r\n\r\n", "x".repeat(65_536)));
    expect(await probe(sslGet(port), 60_000)).toMatchObject({ reason: { kind: "too_large" } });
  });

  test("refused", async () => {
    expect(await probe(sslGet(await unusedPort()))).toMatchObject({ reason: { kind: "refused" } });
  });
});
