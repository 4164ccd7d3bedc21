import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ExpectStep } from "../check.ts";
import { describeReason } from "../describe.ts";
import { ExpectConversation, type ExpectMove, maxAnswerBytes } from "./expect-conversation.ts";

const text = (octets: string) => ({ kind: "text", octets }) as const;
const regex = (source: string) => ({ kind: "regex", regex: source }) as const;
const bytes = (octets: string) => Buffer.from(octets, "latin1");

/** What is sent and how it ends, when these pieces come and then, perhaps, the end. */
function converse(steps: readonly ExpectStep[], pieces: readonly string[], ends = false): string[] {
  const conversation = new ExpectConversation(steps);
  const log: string[] = [];
  const take = (move: ExpectMove) => {
    if (move === null) return;
    if ("send" in move) log.push(move.send);
    if (move.ok === true) log.push("ok");
    else if (move.ok === false) log.push(describeReason(move.reason));
  };
  take(conversation.connected());
  for (const piece of pieces) if (log.at(-1) !== "ok") take(conversation.push(bytes(piece)));
  if (ends && log.at(-1) !== "ok") take(conversation.end());
  return log;
}

const redis: readonly ExpectStep[] = [
  { send: "PING\r\n", expect: text("+PONG\r\n") },
  { send: "QUIT\r\n", expect: null },
];

describe("ExpectConversation", () => {
  test("sends and expects in turn; what is sent last is waited for by nobody", () => {
    expect(converse(redis, ["+PONG\r\n"])).toEqual(["PING\r\n", "QUIT\r\n", "ok"]);
  });

  test("waits for a greeting where nothing is sent first, and finds several answers in one piece", () => {
    const steps = [
      { send: null, expect: regex("^220[ -]") },
      { send: null, expect: text("ready") },
      { send: "BYE\n", expect: regex("^\\+\\d+$") },
    ];
    expect(converse(steps, ["220 mail ready", "+17\n"])).toEqual(["BYE\n", "ok"]);
    expect(new ExpectConversation(steps).phase).toBe("greeting");
  });

  test("what came before a match does not count again", () => {
    const twice = { send: null, expect: text("x") };
    expect(converse([twice, twice], ["x"])).toEqual([]);
    expect(converse([twice, twice], ["xx"])).toEqual(["ok"]);
  });

  test("another answer is told with what was wanted, once nothing more comes", () => {
    expect(converse(redis, ["-NOAUTH Authentication required.\r\n"], true)).toEqual([
      "PING\r\n",
      'answer "-NOAUTH Authentication required.\\r\\n", wanted "+PONG\\r\\n"',
    ]);
    expect(converse([{ send: null, expect: regex("^SSH-2") }], ["HTTP"], true)).toEqual([
      'answer "HTTP", wanted a match of "^SSH-2"',
    ]);
    expect(converse(redis, [], true)).toEqual(["PING\r\n", "connection closed before its reply"]);
  });

  test("gives up on an endless answer", () => {
    const move = converse(redis, [`${"y".repeat(maxAnswerBytes)}y`]);
    expect(move[1]).toMatch(/^answer "y{60}\.\.\.", wanted /);
  });

  test("octets are what they are, in text and in regular expressions", () => {
    expect(converse([{ send: "\x00\xff", expect: text("\xc3\xa9\x00") }], ["\x01\xc3\xa9\x00"])).toEqual([
      "\x00\xff",
      "ok",
    ]);
    expect(converse([{ send: null, expect: regex("^\\x0a\\x{ff}") }], ["\x0a\xff"])).toEqual(["ok"]);
  });

  test("how the answer is cut into pieces changes nothing", () => {
    const octets = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 12 });
    const steps = [
      { send: "1", expect: text("ab") },
      { send: "2", expect: regex("b+a") },
      { send: "3", expect: null },
    ];
    fc.assert(
      fc.property(octets, fc.array(fc.nat(12)), (answer, cuts) => {
        const at = [0, ...cuts.map((cut) => Math.min(cut, answer.length)).sort((a, b) => a - b), answer.length];
        const pieces = at.slice(1).map((end, index) => answer.slice(at[index], end));
        const whole = converse(steps, [...answer], true);
        expect(converse(steps, pieces, true).join("").includes("ok")).toBe(whole.join("").includes("ok"));
      }),
    );
  });
});
