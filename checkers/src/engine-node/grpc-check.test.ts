import { once } from "node:events";
import { readFileSync } from "node:fs";
import http2 from "node:http2";
import type net from "node:net";
import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ProbeSpec, TlsOptions } from "../check.ts";
import { describeVerdict } from "../describe.ts";
import { createProbeEngine } from "../probe-engine.ts";
import { makeCertificates, type TestCertificates } from "../testing/certificates.ts";
import { connectTo } from "../testing/examples.ts";
import { EngineUnderTest } from "../testing/probe-once.ts";

type GrpcSpec = Extract<ProbeSpec, { type: "GRPC_CHECK" }>;

const closers: (() => unknown)[] = [];
let certificates: TestCertificates;

beforeAll(() => {
  certificates = makeCertificates();
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** grpc.health.v1.Health of a server of gRPC itself; its messages are read and written as they are. */
const health: ServiceDefinition = {
  Check: {
    path: "/grpc.health.v1.Health/Check",
    requestStream: false,
    responseStream: false,
    requestSerialize: (value: Buffer) => value,
    requestDeserialize: (value) => value,
    responseSerialize: (value: Buffer) => value,
    responseDeserialize: (value) => value,
  },
};

type Answer = Uint8Array | { readonly code: status; readonly details: string };

async function serveGrpc(
  answer: (service: string, authority: string) => Answer | null,
  secured = false,
): Promise<number> {
  const server = new Server();
  const implementation: UntypedServiceImplementation = {
    Check: (call: { request: Buffer; getHost(): string }, callback: (error: object | null, value?: Buffer) => void) => {
      const given = answer(call.request.subarray(2).toString("utf8"), call.getHost());
      if (given === null) return;
      if (given instanceof Uint8Array) callback(null, Buffer.from(given));
      else callback(given);
    },
  };
  server.addService(health, implementation);
  const [cert_chain, private_key] = ["good.pem", "good.key"].map((name) => readFileSync(certificates.file(name)));
  const credentials = secured
    ? ServerCredentials.createSsl(null, [{ cert_chain: cert_chain as Buffer, private_key: private_key as Buffer }])
    : ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  closers.push(() => server.forceShutdown());
  return port;
}

async function probe(port: number, settings: Partial<GrpcSpec> = {}, timeoutMs = 20_000): Promise<string> {
  const subject = new EngineUnderTest((onResults) => createProbeEngine(onResults));
  closers.push(() => subject.engine.close());
  const connect = connectTo(port);
  const spec = { type: "GRPC_CHECK", connect, service: "", authority: null, tls: null, ...settings } as const;
  const [verdict] = await subject.run([spec], timeoutMs);
  return verdict === undefined ? "none" : describeVerdict(verdict).replace(/^ok in [0-9.]+ ms/, "ok");
}

const tls = (options: Partial<TlsOptions & { serverName: string | null }> = {}) => ({
  ca: null,
  certificate: null,
  key: null,
  password: null,
  verify: false,
  serverName: null,
  ...options,
});

describe("GRPC_CHECK and a server of gRPC itself", () => {
  test("asks for the service, under the name of the host", async () => {
    const asked: string[] = [];
    const port = await serveGrpc((service, authority) => {
      asked.push(`${service} ${authority}`);
      return Buffer.from([8, 1]);
    });
    expect(await probe(port)).toBe("ok");
    expect(await probe(port, { service: "shop.Cart", authority: "shop.example.org" })).toBe("ok");
    expect(asked).toEqual([` 127.0.0.1:${port}`, "shop.Cart shop.example.org"]);
  });

  test.each<[string, Answer, string]>([
    ["not serving", Buffer.from([8, 2]), 'service "a.B" is NOT_SERVING, wanted SERVING'],
    ["unknown", Buffer.from([]), 'service "a.B" is UNKNOWN, wanted SERVING'],
    [
      "a service that it does not know",
      { code: status.NOT_FOUND, details: "unknown service" },
      'service "a.B" is not known to the server (NOT_FOUND: unknown service)',
    ],
    ["an error", { code: status.UNAVAILABLE, details: "50% off, é" }, "gRPC status UNAVAILABLE: 50% off, é"],
    ["nonsense", Buffer.from([0xff, 0xff]), "not a valid gRPC answer: no HealthCheckResponse"],
    ["too much", Buffer.alloc(100_000), "answer larger than 4 KiB"],
  ])("%s", async (_, answer, sentence) => {
    const port = await serveGrpc(() => answer);
    expect(await probe(port, { service: "a.B" })).toBe(sentence);
  });

  test("one without health service says so, and one that does not answer is down at the deadline", async () => {
    const server = new Server();
    const port = await new Promise<number>((resolve) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_, bound) => resolve(bound));
    });
    closers.push(() => server.forceShutdown());
    expect(await probe(port)).toMatch(/^the server has no health service \(UNIMPLEMENTED/);
    expect(await probe(await serveGrpc(() => null), {}, 400)).toMatch(/ within 400 ms$/);
  });

  test("over TLS, with the certificate verified or not", async () => {
    const port = await serveGrpc(() => Buffer.from([8, 1]), true);
    const [ca, serverName] = [certificates.file("ca.pem"), "www.example.org"];
    expect(await probe(port, { tls: tls() })).toMatch(/^ok, certificate valid until 20/);
    expect(await probe(port, { tls: tls({ ca, verify: true, serverName }) })).toMatch(/^ok, certificate valid/);
    const other = tls({ ca, verify: true, serverName: "other.example.org" });
    expect(await probe(port, { tls: other })).toBe("certificate is not for other.example.org");
    expect(await probe(port)).toMatch(/^not a valid gRPC answer|^connection /);
  });
});

describe("GRPC_CHECK and servers of HTTP/2", () => {
  async function serve(onStream: (stream: http2.ServerHttp2Stream) => void): Promise<number> {
    const server = http2.createServer();
    const sessions = new Set<http2.ServerHttp2Session>();
    server.on("session", (session) => void sessions.add(session.on("error", () => {})));
    server.on("stream", (stream: http2.ServerHttp2Stream) => {
      stream.on("error", () => {});
      onStream(stream);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(() => {
      for (const session of sessions) session.destroy();
      server.close();
    });
    return (server.address() as net.AddressInfo).port;
  }

  test.each<[string, (stream: http2.ServerHttp2Stream) => void, RegExp]>([
    ["another status", (stream) => stream.respond({ ":status": 503 }, { endStream: true }), /^status 503, wanted 200$/],
    [
      "no status of gRPC",
      (stream) => stream.respond({ ":status": 200 }, { endStream: true }),
      /^not a valid gRPC answer: an answer without grpc-status$/,
    ],
    [
      "a connection that closes within the answer",
      (stream) => {
        stream.respond({ ":status": 200 });
        stream.write("x");
        setTimeout(() => stream.session?.socket.destroy(), 100);
      },
      /^connection (closed|reset) within the body$/,
    ],
    [
      "a stream that is reset",
      (stream) => stream.close(http2.constants.NGHTTP2_REFUSED_STREAM),
      /^not a valid gRPC answer: HTTP\/2: |^connection closed before any answer$/,
    ],
    ["an answer without end", (stream) => stream.respond({ ":status": 200 }), /^body not complete within 400 ms$/],
    ["a session that goes away", (stream) => stream.session?.goaway(0), / within 400 ms$|^connection closed/],
  ])("%s", async (_, onStream, sentence) => {
    expect(await probe(await serve(onStream), {}, 400)).toMatch(sentence);
  });
});
