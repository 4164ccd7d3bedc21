import { hostname } from "node:os";
import { afterEach, expect, test } from "vitest";
import type { ProbeSpec } from "../check.ts";
import { describeVerdict } from "../describe.ts";
import { createProbeEngine } from "../probe-engine.ts";
import { connectTo } from "../testing/examples.ts";
import { type Behaviour, floods, hangs, listen, unusedPort } from "../testing/misbehaving-server.ts";
import { EngineUnderTest } from "../testing/probe-once.ts";
import type { Verdict } from "../verdict.ts";

const timeoutMs = 400;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const smtp = (port: number, more: Partial<Extract<ProbeSpec, { type: "SMTP_CHECK" }>> = {}): ProbeSpec => ({
  type: "SMTP_CHECK",
  connect: connectTo(port),
  further: [],
  heloName: null,
  ...more,
});

async function serve(behaviour: Behaviour): Promise<number> {
  const server = await listen(behaviour);
  closers.push(server.close);
  return server.port;
}

/** Greets, then answers each command with the next reply, in the pieces given. */
function mailServer(greeting: readonly string[], replies: readonly string[], heard: string[] = []): Behaviour {
  return (socket) => {
    for (const [index, piece] of greeting.entries()) setTimeout(() => socket.write(piece), 60 * index);
    let next = 0;
    socket.on("data", (line) => {
      heard.push(line.toString());
      socket.write(replies[next++] ?? "");
    });
  };
}

async function probe(spec: ProbeSpec, withinMs = 20_000): Promise<Verdict> {
  const subject = new EngineUnderTest((onResults) => createProbeEngine(onResults));
  closers.push(() => subject.engine.close());
  return (await subject.run([spec], withinMs))[0] as Verdict;
}

test("greets with the name of this machine or helo_name, waits for a greeting of many lines, takes its leave", async () => {
  const heard: string[] = [];
  const greeting = ["220-mail.example.org\r\n220-slo", "w\r\n22", "0 ESMTP\r\n"];
  const port = await serve(mailServer(greeting, ["250-mail\r\n250 HELP\r\n", "221 bye\r\n"], heard));
  expect(await probe(smtp(port))).toMatchObject({ ok: true });
  expect(await probe(smtp(port, { heloName: "lb.example.org" }))).toMatchObject({ ok: true });
  expect(heard).toEqual([`HELO ${hostname()}\r\n`, "QUIT\r\n", "HELO lb.example.org\r\n", "QUIT\r\n"]);
});

test("a server that closes on QUIT without a word passes", async () => {
  const port = await serve((socket) => {
    socket.write("220 x\r\n");
    socket.on("data", (line) => (line.toString().startsWith("QUIT") ? socket.end() : socket.write("250 x\r\n")));
  });
  expect(await probe(smtp(port))).toMatchObject({ ok: true });
});

test("every place of the old host blocks must answer; the one that does not is named", async () => {
  const good = await serve(mailServer(["220 x\r\n"], ["250 x\r\n", "221 x\r\n"]));
  const bad = await unusedPort();
  expect(await probe(smtp(good, { further: [connectTo(good)] }))).toMatchObject({ ok: true });
  const verdict = await probe(smtp(good, { further: [connectTo(bad)] }));
  expect(describeVerdict(verdict)).toBe(`127.0.0.1 port ${bad}: connect refused`);
});

const say =
  (text: string): Behaviour =>
  (socket) =>
    void socket.write(text);

const dripping: Behaviour = (socket) => {
  const timer = setInterval(() => socket.write("2"), 20);
  socket.on("close", () => clearInterval(timer));
};

test.each([
  ["a busy server", say("421 too busy\r\n"), 'greeting "421 too busy", wanted 220'],
  ["one that is closed for us", say("554-no\r\n554 service\r\n"), 'greeting "554-no", wanted 220'],
  [
    "one that refuses our name",
    mailServer(["220 x\r\n"], ["501 bad name\r\n"]),
    'reply to HELO "501 bad name", wanted 250',
  ],
  ["one of another protocol", say("SSH-2.0-x\r\n"), 'not a valid SMTP answer: greeting "SSH-2.0-x"'],
  ["garbage", say("\x00~\x7f\x01\n"), 'not a valid SMTP answer: greeting "?~??"'],
  ["one that hangs", hangs, "no greeting within 400 ms"],
  ["one that hangs after its greeting", say("220 x\r\n"), "no reply within 400 ms"],
  ["one that does not end its greeting", say("220-x\r\n"), "no greeting within 400 ms"],
  ["one that drips", dripping, "no greeting within 400 ms"],
  ["one that closes", (socket) => void socket.end(), "connection closed before its greeting"],
  [
    "one that resets",
    (socket) => void setTimeout(() => socket.resetAndDestroy(), 100),
    "connection reset before its greeting",
  ],
] as [string, Behaviour, string][])("%s fails", async (_, behaviour, sentence) => {
  const withinMs = sentence.includes("within") ? timeoutMs : undefined;
  expect(describeVerdict(await probe(smtp(await serve(behaviour)), withinMs))).toBe(sentence);
});

test.each([
  ["lines", "220-x\r\n"],
  ["octets", "x".repeat(4096)],
])("a greeting of endless %s ends at the limit", async (_, piece) => {
  const flood: Behaviour = (socket) => {
    floods("", piece)(socket);
    socket.emit("data", Buffer.from(""));
  };
  expect(await probe(smtp(await serve(flood)))).toMatchObject({ reason: { kind: "too_large", limitBytes: 65_536 } });
});
