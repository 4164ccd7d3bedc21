import { afterAll, expect, test } from "vitest";
import { makeCertificates } from "../../checkers/src/testing/certificates.ts";
import { answers } from "../../checkers/src/testing/misbehaving-server.ts";
import { listenTls } from "../../checkers/src/testing/tls-server.ts";
import { oneOffCheck } from "./one-off.ts";
import { probeDocument, renderProbe } from "./render-probe.ts";
import { CannotProbe, runProbe } from "./run-probe.ts";

const closers: (() => unknown)[] = [];
afterAll(() => closers.forEach((close) => void close()));

const noScripts = async () => ({ kind: "not_run", message: "no scripts here" }) as const;

test("every step of SSL_GET: connection, handshake with the certificate, request, page with its digests", async () => {
  const page = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  const server = await listenTls(answers(page), makeCertificates(), "expired");
  closers.push(server.close);
  const place = { host: "127.0.0.1", port: server.port, path: "/health" };
  const asked = { checker: "SSL_GET", target: "", settings: {}, url: {}, ssl: {} };
  const report = await runProbe(oneOffCheck(asked, place, "127.0.0.1"), "web", noScripts);
  const text = renderProbe(report, Date.now()).join("\n");
  expect(text.replace(/^ *[0-9.]+ ms/gm, "  T").replaceAll(String(server.port), "PORT")).toMatch(
    new RegExp(
      [
        "^SSL_GET 127.0.0.1:PORT of web, deadline 5 s",
        "  T  reachable: a TCP connection alone",
        "  T  /health: to 127.0.0.1 port PORT",
        "  T  connected from 127.0.0.1 port \\d+",
        "  T  TLS: TLSv1.3, TLS_\\w+",
        " +certificate CN=expired, signed by CN=Test authority",
        " +for DNS:www.example.org",
        " +valid from [-0-9]{10} to [-0-9]{10}: expired .* ago",
        " +would not be trusted: \\w+",
        "  T  sent \\d+ octets: GET /health HTTP/1.0",
        "  T  received 43 octets: HTTP/1.1 200 OK",
        "  T  status 200, body of 5 octets",
        " +MD5 5d41402abc4b2a76b9719d911017c592",
        " +SHA-1 aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d",
        "  T  passed: ok in [0-9.]+ ms, certificate valid until [-0-9]{10}$",
      ].join("\n"),
    ),
  );
  expect(probeDocument(report)).toMatchObject({
    checker: "SSL_GET",
    virtual_server: "web",
    passed: true,
    deadline_ms: 5000,
    reach: { result: "answered", latency_ms: expect.any(Number) },
    steps: [
      { step: "started", url: "/health" },
      { step: "connected" },
      { step: "secured", protocol: "TLSv1.3", certificate: { subject: "CN=expired", names: "DNS:www.example.org" } },
      { step: "sent", begins: "GET /health HTTP/1.0" },
      { step: "received", octets: 43 },
      { step: "page", status: 200, body_octets: 5, md5: "5d41402abc4b2a76b9719d911017c592" },
    ],
  });
});

test("a file is read, a script is run, and what is told by others cannot be probed", async () => {
  const of = (checker: string, target: string) =>
    oneOffCheck({ checker, target, settings: {}, url: {}, ssl: {} }, null, "192.0.2.1");
  expect((await runProbe(of("FILE_CHECK", "/nowhere/number"), null, noScripts)).verdict).toMatchObject({ ok: true });
  const script = await runProbe(of("MISC_CHECK", "/bin/check"), null, noScripts);
  expect(renderProbe(script, 0).at(-1)).toMatch(/FAILED: script was not run: no scripts here$/);
  const { spec, ...rest } = of("FILE_CHECK", "/nowhere/number");
  const session = { ...rest, spec: { type: "BFD_CHECK", connect: spec.connect, session: "a" } } as const;
  await expect(runProbe(session, null, noScripts)).rejects.toThrow(CannotProbe);
});
