import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { url } from "../testing/examples.ts";
import { type ExchangeOutcome, HttpExchange } from "./exchange.ts";
import { defaultLimits, type ResponseLimits } from "./parser.ts";

const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");
const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const ok = { ok: true };
const failed = (reason: object) => ({ ok: false, reason });

/** The outcome of these pieces and then the peer's close. */
function judge(pieces: readonly (string | Uint8Array)[], settings = url(), limits = defaultLimits): ExchangeOutcome {
  const exchange = new HttpExchange(settings, limits);
  let outcome: ExchangeOutcome = null;
  for (const piece of pieces) outcome = exchange.push(typeof piece === "string" ? Buffer.from(piece, "latin1") : piece);
  return outcome ?? exchange.end();
}

/** The outcome before the peer closes; null while more is needed. */
function judgeOpen(response: string, settings = url()): ExchangeOutcome {
  return new HttpExchange(settings).push(Buffer.from(response, "latin1"));
}

describe("a response is complete", () => {
  test.each([
    ["by its length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
    ["without a body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
    ["by its status", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"],
    ["by the last chunk", `${chunked}5\r\nhello\r\n0\r\n\r\n`],
    ["by the last chunk, with extensions and trailers", `${chunked}5 ;a="b"\r\nhello\r\n000\r\nX: y\r\n\r\n`],
    ["with bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"],
    [
      "after interim responses",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 204 x\r\n\r\n",
    ],
    ["without a reason phrase", "HTTP/1.1 204\r\n\r\n"],
    ["and what follows it is ignored", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 500 no\r\n\r\n"],
  ])("%s, before the server closes", (_, response) => expect(judgeOpen(response)).toEqual(ok));

  test("by close when it has no length", () => {
    const response = "HTTP/1.0 200 OK\r\n\r\nhello";
    expect(judgeOpen(response)).toBeNull();
    expect(judge([response])).toEqual(ok);
  });
});

describe("status", () => {
  test("is judged as soon as the headers are complete", () => {
    const reason = { kind: "status", got: 503, wanted: [{ from: 200, to: 299 }] };
    expect(judgeOpen("HTTP/1.1 503 Busy\r\nContent-Length: 99\r\n")).toBeNull();
    expect(judgeOpen("HTTP/1.1 503 Busy\r\nContent-Length: 99\r\n\r\n")).toEqual(failed(reason));
  });

  test("may be any of several ranges, or anything when a digest alone decides", () => {
    const response = "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello";
    const ranges = [
      { from: 200, to: 299 },
      { from: 404, to: 404 },
    ];
    expect(judgeOpen(response, url({ statusCode: ranges }))).toEqual(ok);
    expect(judgeOpen(response, url({ statusCode: [], digest: md5("hello") }))).toEqual(ok);
  });

  test("101 is final: nobody asked for an upgrade", () => {
    expect(judgeOpen("HTTP/1.1 101 Switching\r\n\r\n")).toMatchObject(failed({ kind: "status", got: 101 }));
  });
});

describe("digest", () => {
  const response = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  test("of 32 digits is MD5, of 40 SHA-1, in either case", () => {
    for (const digest of [md5("hello"), sha1("hello"), md5("hello").toUpperCase()]) {
      expect(judgeOpen(response, url({ digest }))).toEqual(ok);
    }
  });

  test("that differs is reported with both", () => {
    const reason = { kind: "digest", got: md5("hello"), wanted: md5("other") };
    expect(judgeOpen(response, url({ digest: md5("other") }))).toEqual(failed(reason));
  });

  test("of an empty body", () => {
    expect(judgeOpen("HTTP/1.1 204 x\r\n\r\n", url({ digest: md5("") }))).toEqual(ok);
  });

  test("of a chunked body is that of its content; MD5 also as keepalived takes it, over the framing", () => {
    const body = "3;x\r\nhel\r\n2\r\nlo\r\n0\r\nA: b\r\n\r\n";
    const outcomeOf = (digest: string) => judgeOpen(chunked + body, url({ digest }));
    expect(outcomeOf(md5("hello"))).toEqual(ok);
    expect(outcomeOf(sha1("hello"))).toEqual(ok);
    expect(outcomeOf(md5(body))).toEqual(ok);
    expect(outcomeOf(sha1(body))).toEqual(failed({ kind: "digest", got: sha1("hello"), wanted: sha1(body) }));
  });
});

describe("a response that ends too early", () => {
  test.each([
    ["request", ""],
    ["headers", "HTTP/1.1 20"],
    ["headers", "HTTP/1.1 200 OK\r\nA: b\r\n"],
    ["headers", "HTTP/1.1 100 Continue\r\n\r\n"],
    ["body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"],
    ["body", `${chunked}5\r\nhello\r\n`],
    ["body", `${chunked}5\r\nhello\r\n0\r\n`],
  ])("in its %s: %j", (phase, response) => expect(judge([response])).toEqual(failed({ kind: "closed", phase })));
});

describe("what is no HTTP response", () => {
  test.each([
    ["SSH-2.0-OpenSSH_9.2\r\n", 'status line "SSH-2.0-OpenSSH_9.2"'],
    ["220 mail ESMTP\r\n", 'status line "220 mail ESMTP"'],
    ["HTTP/2.0 200 OK\r\n\r\n", 'status line "HTTP/2.0 200 OK"'],
    ["HTTP/1.1 2000 OK\r\n\r\n", 'status line "HTTP/1.1 2000 OK"'],
    ["\r\n", 'status line ""'],
    ["\x16\x03\x01\xff\n", 'status line "\\u0016\\u0003\\u0001?"'],
    ["HTTP/1.1 200 OK\r\nno colon\r\n\r\n", 'header line "no colon"'],
    ["HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n", "Content-Length is not a number"],
    [`${chunked}xyz\r\n`, 'chunk size "xyz"'],
    [`${chunked}\r\n`, 'chunk size ""'],
    [`${chunked}-5\r\n`, 'chunk size "-5"'],
    [`${chunked}ffffffffffffffff\r\n`, 'chunk size "ffffffffffffffff"'],
    [`${chunked}5\r\nhelloX\r\n`, "chunk longer than its size"],
    [`${chunked}5;${"x".repeat(5000)}\r\n`, "chunk size line too long"],
  ])("%j", (response, detail) => expect(judge([response])).toEqual(failed({ kind: "malformed", detail })));

  test("is quoted in part only", () => {
    const outcome = judge([`${"x".repeat(1000)}\n`]);
    expect(outcome).toEqual(failed({ kind: "malformed", detail: `status line "${"x".repeat(60)}..."` }));
  });
});

describe("limits", () => {
  const limits: ResponseLimits = { headerBytes: 100, bodyBytes: 10 };
  const endless = "X: 0123456789\r\n".repeat(10);

  test.each([
    ["one endless line", "HTTP/1.1 200 OK\r\nX: ".padEnd(200, "x"), 100],
    ["endless headers", `HTTP/1.1 200 OK\r\n${endless}`, 100],
    ["endless interim responses", "HTTP/1.1 100 x\r\n\r\n".repeat(10), 100],
    ["endless trailers", `${chunked}0\r\n${endless}`, 100],
    ["a body that says it is larger", "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", 10],
    ["a body until close", "HTTP/1.1 200 OK\r\n\r\n01234567890", 10],
    ["chunks", `${chunked}6\r\n012345\r\n6\r\n012345\r\n`, 10],
  ])("hold for %s", (_, response, limitBytes) => {
    expect(judge([response], url(), limits)).toEqual(failed({ kind: "too_large", limitBytes }));
  });

  test("let through what just fits", () => {
    expect(judge(["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"], url(), limits)).toEqual(ok);
  });
});

describe("properties", () => {
  const limits: ResponseLimits = { headerBytes: 300, bodyBytes: 60 };
  const fragments = fc.array(
    fc.oneof(
      fc.constantFrom("HTTP/1.1 200 OK\r\n", "HTTP/1.0 503 x\n", "HTTP/1.1 100 \r\n\r\n", "\r\n", "\n", "\r", " ", ":"),
      fc.constantFrom("Content-Length: 5\r\n", "Content-Length: 70\r\n", "Transfer-Encoding: chunked\r\n", "X: y\r\n"),
      fc.constantFrom("5\r\nhello\r\n", "0\r\n\r\n", "a;b\r\n0123456789\r\n", "hello", "fffff\r\n"),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 12 },
  );
  const valid = fc.constantFrom(
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n",
    "HTTP/1.0 200 OK\r\nServer: x\r\n\r\nhello",
  );
  const response = fc.oneof(
    fragments.map((list) => list.join("")),
    fragments.map((list) => `HTTP/1.1 200 OK\r\n${list.join("")}`),
    valid,
  );
  const digests = fc.constantFrom(null, md5("hello"), sha1("hello"), md5("5\r\nhello\r\n0\r\nA: b\r\n\r\n"));

  test("any split of the bytes gives the same outcome", () => {
    fc.assert(
      fc.property(response, fc.array(fc.nat(200)), digests, (text, cuts, digest) => {
        const bytes = Buffer.from(text, "latin1");
        const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((to, index) => bytes.subarray(at[index], to));
        expect(judge(pieces, url({ digest }), limits)).toEqual(judge([bytes], url({ digest }), limits));
      }),
      { numRuns: 1000 },
    );
  });

  test("any octets end in an outcome, none throws, and the outcome stays", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), response, (pieces, prefix) => {
        const exchange = new HttpExchange(url({ digest: md5("x") }), limits);
        for (const piece of [Buffer.from(prefix, "latin1"), ...pieces]) exchange.push(piece);
        const outcome = exchange.end();
        expect(outcome).not.toBeNull();
        expect(exchange.push(Buffer.from("more"))).toBe(outcome);
        expect(exchange.end()).toBe(outcome);
      }),
      { numRuns: 1000 },
    );
  });
});
