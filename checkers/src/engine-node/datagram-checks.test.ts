import { execFileSync } from "node:child_process";
import dgram from "node:dgram";
import { once } from "node:events";
import { uniqueName } from "ipvs-netlink/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ConnectOptions, ProbeSpec, RequiredReply } from "../check.ts";
import { describeVerdict } from "../describe.ts";
import { encodeQuery } from "../dns/message.ts";
import { createProbeEngine } from "../probe-engine.ts";
import { connectTo } from "../testing/examples.ts";
import { EngineUnderTest } from "../testing/probe-once.ts";
import type { Verdict } from "../verdict.ts";

const timeoutMs = 1000;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type Answer = (request: Buffer) => readonly Uint8Array[];

async function serveUdp(answer: Answer, address = "127.0.0.1"): Promise<number> {
  const socket = dgram.createSocket(address.includes(":") ? "udp6" : "udp4");
  socket.on("message", (request, peer) => {
    for (const datagram of answer(request)) socket.send(datagram, peer.port, peer.address);
  });
  socket.bind(0, address);
  await once(socket, "listening");
  closers.push(() => socket.close());
  return socket.address().port;
}

async function unusedUdpPort(): Promise<number> {
  const socket = dgram.createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

async function probe(spec: ProbeSpec): Promise<Verdict> {
  const subject = new EngineUnderTest((onResults) => createProbeEngine(onResults));
  closers.push(() => subject.engine.close());
  return (await subject.run([spec], timeoutMs))[0] as Verdict;
}

const sentence = async (spec: ProbeSpec) =>
  describeVerdict(await probe(spec)).replace(/^ok in [0-9.]+ ms/, "ok in time");

describe("UDP_CHECK", () => {
  const udp = (
    connect: ConnectOptions,
    reply: Partial<RequiredReply> | null,
    payload: string | null = null,
  ): ProbeSpec => ({
    type: "UDP_CHECK",
    connect,
    payload,
    reply: reply && { mask: null, minLength: 0, maxLength: 255, ...reply },
  });

  test("without require_reply silence is up, and lasts until the deadline", async () => {
    const verdict = await probe(udp(connectTo(await serveUdp(() => [])), null));
    expect(verdict).toMatchObject({ ok: true });
    expect(verdict.latencyMs).toBeGreaterThanOrEqual(timeoutMs - 2);
  });

  test("sends the payload, or something random", async () => {
    const heard: string[] = [];
    const port = await serveUdp((request) => {
      heard.push(request.toString("hex"));
      return [request];
    });
    expect(await probe(udp(connectTo(port), null, "c0ffee"))).toMatchObject({ ok: true });
    for (let time = 0; time < 2; time++) expect(await probe(udp(connectTo(port), {}))).toMatchObject({ ok: true });
    expect([heard[0], heard[1] === heard[2]]).toEqual(["c0ffee", false]);
  });

  test("over IPv6", async () => {
    const port = await serveUdp((request) => [request], "::1");
    expect(await probe(udp(connectTo(port, { address: "::1" }), {}))).toMatchObject({ ok: true });
  });

  test.each([
    ["c0ff", "ok in time"],
    ["c0xx01", "ok in time"],
    ["c0ff01deadbeef", "ok in time"],
    ["c1", "answer c0ff01, wanted c1"],
    ["xxxx02", "answer c0ff01, wanted xxxx02"],
  ])("an answer c0ff01 held against %s: %s", async (mask, wanted) => {
    const port = await serveUdp(() => [Buffer.from("c0ff01", "hex")]);
    expect(await sentence(udp(connectTo(port), { mask }))).toBe(wanted);
  });

  test("lengths out of bounds, huge and empty answers", async () => {
    const port = await serveUdp((request) => [Buffer.alloc(request.readUInt16BE(0))]);
    const ask = (length: string, reply: Partial<RequiredReply>) => sentence(udp(connectTo(port), reply, length));
    expect(await ask("0003", { minLength: 4 })).toBe("answer of 3 octets, wanted 4 to 255");
    expect(await ask("ffe3", {})).toBe("answer of 65507 octets, wanted 0 to 255");
    expect(await ask("0000", {})).toBe("ok in time");
    expect(await ask("0000", { minLength: 1 })).toBe("answer of 0 octets, wanted 1 to 255");
  });

  test("silence, a port where nobody listens, a source that is not there", async () => {
    expect(await sentence(udp(connectTo(await serveUdp(() => [])), {}))).toBe("no answer within 1 s");
    const unused = connectTo(await unusedUdpPort());
    for (const reply of [null, {}]) expect(await sentence(udp(unused, reply))).toBe("port unreachable (ECONNREFUSED)");
    expect(await sentence(udp({ ...unused, bindto: "192.0.2.77" }, null))).toContain(
      "local error, not the server's: source address",
    );
    expect(await sentence(udp({ ...unused, bindIf: "nosuch0" }, null))).toContain("no such interface");
    expect(await sentence(udp({ ...unused, address: "no address" }, null))).toContain("invalid address");
  });

  test("bindto and bind_port are what the server sees, check after check", async () => {
    const socket = dgram.createSocket("udp4");
    const peers: string[] = [];
    socket.on("message", (request, peer) => {
      peers.push(`${peer.address}:${peer.port}`);
      socket.send(request, peer.port, peer.address);
    });
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    closers.push(() => socket.close());
    const bindPort = await unusedUdpPort();
    const from = connectTo(socket.address().port, { bindto: "127.0.0.9", bindPort });
    for (let time = 0; time < 2; time++) expect(await probe(udp(from, {}))).toMatchObject({ ok: true });
    expect(new Set(peers)).toEqual(new Set([`127.0.0.9:${bindPort}`]));
  });
});

describe("DNS_CHECK", () => {
  const dns = (port: number): ProbeSpec => ({
    type: "DNS_CHECK",
    connect: connectTo(port),
    name: "www.example.org",
    queryType: "A",
  });
  /** The query as an answer, with these flags and counts and more behind the question. */
  const reply = (flags: number, answers: number, records: string) => (query: Buffer) => {
    const head = Buffer.from(query);
    head.writeUInt16BE(flags, 2);
    head.writeUInt16BE(answers, 6);
    return Buffer.concat([head, Buffer.from(records, "hex")]);
  };
  const record = "c00c00010001000000e10004c0000201";

  test.each([
    ["an answer", reply(0x8180, 1, record), "ok in time"],
    ["one without records", reply(0x8180, 0, ""), "ok in time"],
    ["a truncated one", reply(0x8380, 3, record), "ok in time"],
    ["NXDOMAIN", reply(0x8183, 0, ""), "NXDOMAIN (no such name), wanted NOERROR"],
    ["SERVFAIL", reply(0x8182, 0, ""), "SERVFAIL (the server failed), wanted NOERROR"],
    ["REFUSED", reply(0x8185, 0, ""), "REFUSED (not answered for us), wanted NOERROR"],
    ["an unknown code", reply(0x818f, 0, ""), "RCODE 15, wanted NOERROR"],
    ["one that is cut off", reply(0x8180, 2, `${record}c00c`), "not a valid DNS answer: it ends within record 2 of 2"],
    ["the query itself", reply(0x0100, 0, ""), "not a valid DNS answer: a query"],
    [
      "an answer to a query of somebody else",
      (query: Buffer) => Buffer.concat([Buffer.from([~(query[0] as number) & 255]), query.subarray(1)]),
      "no answer within 1 s",
    ],
    ["two octets", (query: Buffer) => query.subarray(0, 2), "not a valid DNS answer: 2 octets"],
    ["nothing in it", () => Buffer.alloc(0), "no answer within 1 s"],
  ])("%s", async (_, answer, wanted) => {
    expect(await sentence(dns(await serveUdp((query) => [answer(query)])))).toBe(wanted);
  });

  test("waits for its own answer among others, and asks what it was told to ask", async () => {
    let asked: Buffer = Buffer.alloc(0);
    const port = await serveUdp((query) => {
      asked = query;
      return [Buffer.from("junk"), reply(0x8180, 1, record)(query)];
    });
    expect(await sentence(dns(port))).toBe("ok in time");
    expect(Buffer.from(encodeQuery(asked.readUInt16BE(0), "www.example.org", "A")).equals(asked)).toBe(true);
  });

  test("no answer, and a port where nobody listens, are told apart", async () => {
    expect(await sentence(dns(await serveUdp(() => [])))).toBe("no answer within 1 s");
    expect(await sentence(dns(await unusedUdpPort()))).toBe("port unreachable (ECONNREFUSED)");
  });
});

describe.skipIf(process.getuid?.() !== 0)("PING_CHECK", () => {
  const namespace = uniqueName("lbctl-ping");
  const program = `
    import { createProbeEngine } from ${JSON.stringify(new URL("../probe-engine.ts", import.meta.url).href)};
    import { connectTo } from ${JSON.stringify(new URL("../testing/examples.ts", import.meta.url).href)};
    import { describeVerdict } from ${JSON.stringify(new URL("../describe.ts", import.meta.url).href)};
    const targets = JSON.parse(process.argv[1]);
    const sentences = [];
    const engine = createProbeEngine((batch) => {
      for (const { id, verdict } of batch) sentences[id] = describeVerdict(verdict).replace(/^ok in [0-9.]+ ms/, "ok in time");
      if (Object.keys(sentences).length === targets.length) { console.log(JSON.stringify(sentences)); process.exit(); }
    });
    engine.start(targets.map((target, id) => ({ id, spec: { type: "PING_CHECK", connect: connectTo(0, target) }, timeoutMs: 600 })));`;
  const inside = (...words: string[]) => execFileSync("ip", ["netns", "exec", namespace, ...words]);
  const ping = (...targets: Partial<ConnectOptions>[]) =>
    JSON.parse(
      String(inside(process.execPath, "--input-type=module", "-e", program, JSON.stringify(targets))),
    ) as string[];

  beforeAll(() => {
    execFileSync("ip", ["netns", "add", namespace]);
    inside("ip", "link", "set", "lo", "up");
    inside("ip", "address", "add", "192.0.2.1/32", "dev", "lo");
    inside("ip", "rule", "add", "pref", "100", "lookup", "local");
    inside("ip", "rule", "delete", "pref", "0");
    inside("ip", "rule", "add", "pref", "10", "to", "192.0.2.9", "prohibit");
    inside(
      "nft",
      "add table inet t; add chain inet t c { type filter hook input priority 0; }; add rule inet t c ip daddr 127.0.0.7 icmp type echo-request drop",
    );
  });
  afterAll(() => void execFileSync("ip", ["netns", "delete", namespace]));

  const targets = [
    { address: "127.0.0.1" },
    { address: "192.0.2.1", bindto: "127.0.0.1", bindIf: "lo" },
    { address: "::1" },
    { address: "127.0.0.7" },
    { address: "198.51.100.1" },
    { address: "127.0.0.1", bindto: "192.0.2.77" },
  ];
  const wanted = [
    "ok in time",
    "ok in time",
    "ok in time",
    "no answer within 600 ms",
    "network unreachable (ENETUNREACH)",
    "local error, not the server's: source address is not on this machine, or no source port is free (bind: EADDRNOTAVAIL)",
  ];

  test("by a raw socket, several at once", () => {
    inside("sh", "-c", "echo 1 0 > /proc/sys/net/ipv4/ping_group_range");
    expect(ping(...targets)).toEqual(wanted);
  });

  test("by a ping socket, where the system allows it", () => {
    inside("sh", "-c", "echo 0 0 > /proc/sys/net/ipv4/ping_group_range");
    expect(ping(...targets)).toEqual(wanted);
  });
});
