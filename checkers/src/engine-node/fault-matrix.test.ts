import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConnectOptions, ProbeSpec, TlsOptions } from "../check.ts";
import { describeVerdict } from "../describe.ts";
import { createProbeEngine } from "../probe-engine.ts";
import { makeCertificates } from "../testing/certificates.ts";
import { connectTo, httpGet, tcpCheck, url } from "../testing/examples.ts";
import {
  type Behaviour,
  drips,
  floods,
  hangs,
  listen,
  listenWithoutAccepting,
  unusedPort,
} from "../testing/misbehaving-server.ts";
import { EngineUnderTest } from "../testing/probe-once.ts";
import { listenTls } from "../testing/tls-server.ts";
import { withoutDescriptors } from "../testing/without-descriptors.ts";
import type { Verdict } from "../verdict.ts";

// Every probe over a connection, with everything that can go wrong with one: each ends in time, with its reason, and the engine goes on.

const timeoutMs = 400;
/** What a noisy machine may add. */
const slackMs = 20_000;

/** What servers do wrong once they have accepted; each speaks when it is spoken to, or at once. */
const misdeeds = {
  hangs,
  drips: (socket) => {
    drips("")(socket);
    socket.emit("data", "");
  },
  closes: (socket) => void socket.end(),
  resets: (socket) => void setTimeout(() => socket.resetAndDestroy(), 100),
  floods: (socket) => {
    floods("", "x".repeat(65_536))(socket);
    socket.emit("data", "");
  },
  "says what is no protocol": (socket) => void socket.end("\x00\x01\xfe\xff nonsense\r\n\r\n"),
} satisfies Record<string, Behaviour>;

type Misdeed = keyof typeof misdeeds;

interface Row {
  readonly name: string;
  readonly spec: (connect: ConnectOptions) => ProbeSpec;
  /** Of a connection that stands; the deadline is 400 ms. */
  readonly says: Readonly<Record<Misdeed, RegExp>>;
  /** What precedes each reason. */
  readonly url?: string;
  readonly tls?: true;
}

const noTls: TlsOptions = { ca: null, certificate: null, key: null, password: null, verify: false };
const sslUrl = { ...url(), serverName: null, tlsCompliant: false };
const steps = [{ send: "PING\r\n", expect: { kind: "text", octets: "+PONG" } }] as const;
const grpc = { type: "GRPC_CHECK", service: "", authority: null, tls: null } as const;
const up = /^ok in/;

const afterTls = {
  hangs: /^no answer within 400 ms$/,
  drips: /^headers not complete within 400 ms$/,
  closes: /^connection closed before any answer$/,
  resets: /^connection reset before any answer$/,
  floods: /^answer larger than 64 KiB$|^not a valid HTTP answer/,
  "says what is no protocol": /^not a valid HTTP answer/,
};
const withinTls = {
  hangs: /^TLS handshake not complete within 400 ms$/,
  drips: /^TLS: |^TLS handshake not complete/,
  closes: /^connection closed within the TLS handshake$|^TLS: /,
  resets: /^connection reset within the TLS handshake$/,
  floods: /^TLS: /,
  "says what is no protocol": /^TLS: /,
};

const rows: readonly Row[] = [
  {
    name: "TCP_CHECK",
    spec: tcpCheck,
    says: { hangs: up, drips: up, closes: up, resets: up, floods: up, "says what is no protocol": up },
  },
  { name: "HTTP_GET", spec: (connect) => httpGet(connect), url: "/: ", says: afterTls },
  {
    name: "SSL_GET, within the handshake",
    spec: (connect) => ({ type: "SSL_GET", connect, httpProtocol: "1.1", urls: [sslUrl], tls: noTls }),
    url: "/: ",
    says: withinTls,
  },
  {
    name: "SSL_GET",
    spec: (connect) => ({ type: "SSL_GET", connect, httpProtocol: "1.1", urls: [sslUrl], tls: noTls }),
    url: "/: ",
    tls: true,
    says: afterTls,
  },
  {
    name: "SMTP_CHECK",
    spec: (connect) => ({ type: "SMTP_CHECK", connect, further: [], heloName: null }),
    says: {
      hangs: /^no greeting within 400 ms$/,
      drips: /^no greeting within 400 ms$/,
      closes: /^connection closed before its greeting$/,
      resets: /^connection reset before its greeting$/,
      floods: /^answer larger than 64 KiB$/,
      "says what is no protocol": /^not a valid SMTP answer: greeting/,
    },
  },
  {
    name: "TCP_EXPECT",
    spec: (connect) => ({ type: "TCP_EXPECT", connect, steps }),
    says: {
      hangs: /^no reply within 400 ms$/,
      drips: /^answer "x+", wanted "\+PONG"$/,
      closes: /^connection closed before its reply$/,
      resets: /^connection reset before its reply$/,
      floods: /^answer "x{60}\.\.\.", wanted "\+PONG"$/,
      "says what is no protocol": /^answer "\\x00\\x01.* nonsense\\r\\n\\r\\n", wanted "\+PONG"$/,
    },
  },
  {
    name: "AGENT_CHECK",
    spec: (connect) => ({ type: "AGENT_CHECK", connect, send: null }),
    says: {
      hangs: /^no reply within 400 ms$/,
      drips: /^no reply within 400 ms$/,
      closes: /^connection closed before its reply$/,
      resets: /^connection reset before its reply$/,
      floods: /^answer larger than 1 KiB$/,
      "says what is no protocol": /^not a valid agent answer: the agent says "/,
    },
  },
  {
    name: "GRPC_CHECK",
    spec: (connect) => ({ ...grpc, connect }),
    says: {
      hangs: /^no answer within 400 ms$/,
      drips: /^no answer within 400 ms$|^not a valid gRPC answer: HTTP\/2: /,
      closes: /^connection closed before any answer$/,
      resets: /^connection reset before any answer$/,
      floods: /^not a valid gRPC answer: HTTP\/2: /,
      "says what is no protocol": /^not a valid gRPC answer: HTTP\/2: |^connection closed/,
    },
  },
  {
    name: "GRPC_CHECK over TLS, within the handshake",
    spec: (connect) => ({ ...grpc, connect, tls: { ...noTls, serverName: null } }),
    says: withinTls,
  },
];

const certificates = makeCertificates();
const engine = new EngineUnderTest((onResults) => createProbeEngine(onResults));
const closers: (() => unknown)[] = [];
const ports = new Map<string, number>();

beforeAll(async () => {
  for (const [misdeed, behaviour] of Object.entries(misdeeds)) {
    const plain = await listen(behaviour);
    const secured = await listenTls(behaviour, certificates);
    ports.set(misdeed, plain.port).set(`${misdeed} tls`, secured.port);
    closers.push(plain.close, secured.close);
  }
  const silent = await listenWithoutAccepting();
  ports.set("silent", silent.port).set("refused", await unusedPort());
  closers.push(silent.close);
});
afterAll(async () => {
  engine.engine.close();
  for (const close of closers) await close();
});

function sentence(verdict: Verdict, { url: prefix = "" }: Row): string {
  const text = describeVerdict(verdict);
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

describe.each(rows)("$name", (row) => {
  test("ends in time with its reason, whatever the server does", async () => {
    const names = Object.keys(misdeeds) as Misdeed[];
    const specs = names.map((name) => row.spec(connectTo(ports.get(row.tls ? `${name} tls` : name) as number)));
    const verdicts = await engine.run(specs, timeoutMs);
    for (const [index, verdict] of verdicts.entries()) {
      const name = names[index] as Misdeed;
      expect.soft(sentence(verdict, row), name).toMatch(row.says[name]);
      expect(verdict.latencyMs).toBeLessThan(timeoutMs + slackMs);
    }
  });

  test("says what this machine and the network cannot do", async () => {
    const place = connectTo(ports.get("hangs") as number);
    const faults: [Partial<ConnectOptions>, RegExp][] = [
      [{ port: ports.get("refused") as number }, /^connect refused$/],
      [{ port: ports.get("silent") as number }, /^no connection within 400 ms$/],
      [{ address: "255.255.255.255" }, /^network unreachable \(ENETUNREACH\)$/],
      [{ bindto: "192.0.2.77" }, /source address is not on this machine.* \(bind: EADDRNOTAVAIL\)$/],
      [{ bindIf: "nowhere0" }, /no such interface \(setsockopt: ENODEV\)$/],
    ];
    const specs = faults.map(([change]) => row.spec({ ...place, ...change }));
    const verdicts = await engine.run(specs, timeoutMs);
    for (const [index, verdict] of verdicts.entries())
      expect.soft(sentence(verdict, row)).toMatch(faults[index]?.[1] as RegExp);
  });

  test("without a free descriptor it says so, and works when there is one", async () => {
    const spec = row.spec(connectTo(ports.get("hangs") as number));
    await engine.run([spec], timeoutMs);
    const [verdict] = await withoutDescriptors(() => engine.run([spec], timeoutMs));
    expect(verdict).toMatchObject({ ok: false, reason: { kind: "local", errno: "EMFILE" } });
    const [after] = await engine.run([spec], timeoutMs);
    expect(sentence(after as Verdict, row)).toMatch(row.tls ? /^TLS handshake not complete/ : row.says.hangs);
  });
});
