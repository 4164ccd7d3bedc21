import dgram from "node:dgram";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConnectOptions, ProbeSpec } from "../check.ts";
import { describeVerdict } from "../describe.ts";
import { createProbeEngine } from "../probe-engine.ts";
import { connectTo } from "../testing/examples.ts";
import { EngineUnderTest } from "../testing/probe-once.ts";
import { withoutDescriptors } from "../testing/without-descriptors.ts";
import type { Verdict } from "../verdict.ts";

// Every probe over datagrams, with everything that can go wrong: as fault-matrix.test.ts for those over connections.

/** For those that last until their deadline. */
const timeoutMs = 400;
/** For those that have an answer, however noisy the machine. */
const patienceMs = 20_000;

/** What servers do with a datagram. */
const misdeeds = {
  silent: () => [],
  "says what is no protocol": () => [Buffer.from("\x00\x01\xfe\xff nonsense", "latin1")],
  "answers without octets": () => [Buffer.alloc(0)],
  "says far too much": () => Array.from({ length: 200 }, () => Buffer.alloc(60_000, 7)),
} satisfies Record<string, () => readonly Buffer[]>;

type Misdeed = keyof typeof misdeeds;

interface Row {
  readonly name: string;
  readonly spec: (connect: ConnectOptions) => ProbeSpec;
  readonly says: Readonly<Record<Misdeed, RegExp>>;
  readonly refused: RegExp;
}

const up = /^ok in/;
const noAnswer = /^no answer within 400 ms$/;
const udp = (connect: ConnectOptions) => ({ type: "UDP_CHECK", connect, payload: "c0ff" }) as const;
const rows: readonly Row[] = [
  {
    name: "DNS_CHECK",
    spec: (connect) => ({ type: "DNS_CHECK", connect, name: "www.example.org", queryType: "A" }),
    // What carries another number than the query answers somebody else's.
    says: {
      silent: noAnswer,
      "says what is no protocol": noAnswer,
      "answers without octets": noAnswer,
      "says far too much": noAnswer,
    },
    refused: /^port unreachable \(ECONNREFUSED\)$/,
  },
  {
    name: "UDP_CHECK",
    spec: (connect) => ({ ...udp(connect), reply: { mask: "c0ff", minLength: 0, maxLength: 255 } }),
    says: {
      silent: noAnswer,
      "says what is no protocol": /^answer 0001feff.*, wanted c0ff$/,
      "answers without octets": /^answer without octets, wanted c0ff$|^ok in/,
      "says far too much": /^answer of 60000 octets, wanted 0 to 255$/,
    },
    refused: /^port unreachable \(ECONNREFUSED\)$/,
  },
  {
    name: "UDP_CHECK without require_reply",
    spec: (connect) => ({ ...udp(connect), reply: null }),
    says: { silent: up, "says what is no protocol": up, "answers without octets": up, "says far too much": up },
    refused: /^port unreachable \(ECONNREFUSED\)$/,
  },
  // The machine answers, whatever its services do.
  {
    name: "PING_CHECK",
    spec: (connect) => ({ type: "PING_CHECK", connect }),
    says: { silent: up, "says what is no protocol": up, "answers without octets": up, "says far too much": up },
    refused: up,
  },
];

const engine = new EngineUnderTest((onResults) => createProbeEngine(onResults));
const sockets: dgram.Socket[] = [];
const ports = new Map<string, number>();

async function bound(answer: () => readonly Buffer[]): Promise<dgram.Socket> {
  const socket = dgram.createSocket("udp4");
  socket.on("error", () => {});
  socket.on("message", (_, peer) => {
    for (const datagram of answer()) socket.send(datagram, peer.port, peer.address, () => {});
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

beforeAll(async () => {
  for (const [misdeed, answer] of Object.entries(misdeeds)) {
    const socket = await bound(answer);
    sockets.push(socket);
    ports.set(misdeed, socket.address().port);
  }
  const gone = await bound(() => []);
  ports.set("refused", gone.address().port);
  gone.close();
  await once(gone, "close");
});
afterAll(() => {
  engine.engine.close();
  for (const socket of sockets) socket.close();
});

describe.skipIf(process.getuid?.() !== 0).each(rows)("$name", ({ spec, says, refused }) => {
  test("ends in time with its reason, whatever the server does", async () => {
    const names = Object.keys(misdeeds) as Misdeed[];
    const sentences = names.map(async (name) => {
      const one = spec(connectTo(ports.get(name) as number));
      const lasts = says[name] === noAnswer || (one.type === "UDP_CHECK" && one.reply === null);
      const [verdict] = await engine.run([one], lasts ? timeoutMs : patienceMs);
      return describeVerdict(verdict as Verdict);
    });
    for (const [index, name] of names.entries()) expect.soft(await sentences[index], name).toMatch(says[name]);
  });

  test("says what this machine and the network cannot do", async () => {
    const place = connectTo(ports.get("silent") as number);
    const faults: [Partial<ConnectOptions>, RegExp][] = [
      [{ port: ports.get("refused") as number }, refused],
      [{ address: "255.255.255.255" }, /\((ENETUNREACH|connect: EACCES|send: EACCES)\)$/],
      [{ bindto: "192.0.2.77" }, /source address is not on this machine.* \(bind: EADDRNOTAVAIL\)$/],
      [{ bindIf: "nowhere0" }, /no such interface \(setsockopt: ENODEV\)$/],
    ];
    const verdicts = await engine.run(
      faults.map(([change]) => spec({ ...place, ...change })),
      patienceMs,
    );
    for (const [index, verdict] of verdicts.entries())
      expect.soft(describeVerdict(verdict)).toMatch(faults[index]?.[1] as RegExp);
  });

  test("without a free descriptor it says so, and works when there is one", async () => {
    const one = spec(connectTo(ports.get("silent") as number));
    const withinMs = one.type === "PING_CHECK" ? patienceMs : timeoutMs;
    await engine.run([one], withinMs);
    const [verdict] = await withoutDescriptors(() => engine.run([one], withinMs));
    expect(verdict).toMatchObject({ ok: false, reason: { kind: "local", errno: "EMFILE" } });
    const [after] = await engine.run([one], withinMs);
    expect(describeVerdict(after as Verdict)).toMatch(says.silent);
  });
});
