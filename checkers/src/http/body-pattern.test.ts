import fc from "fast-check";
import { expect, test } from "vitest";
import type { BodyPattern } from "../check.ts";
import { url } from "../testing/examples.ts";
import { compileBodyPattern } from "./body-pattern.ts";
import { HttpExchange } from "./exchange.ts";

function pattern(regex: string, options = "", more: Partial<BodyPattern> = {}): BodyPattern {
  return { regex, noMatch: false, options: options.split(" "), minOffset: 0, maxOffset: null, ...more };
}

function matches(wanted: BodyPattern, body: string | Buffer): boolean | string {
  const compiled = compileBodyPattern(wanted);
  return compiled.ok ? compiled.search(Buffer.from(body)) : compiled.message;
}

// What PCRE2 answers (pcre2test, pcre2pattern(3)).
test.each([
  ["ready", "", "all ready\n", true],
  ["READY", "", "all ready\n", false],
  ["READY", "caseless", "all ready\n", true],
  ["(?i)READY", "", "all ready\n", true],
  ["ready$", "", "ready\n", true],
  ["ready$", "", "ready\nor not", false],
  ["ready$", "multiline", "ready\nor not", true],
  ["ready$", "dollar_endonly", "ready\n", false],
  ["ready\\Z", "multiline", "ready\n", true],
  ["^or", "", "ready\nor not", false],
  ["^or", "multiline", "ready\nor not", true],
  ["a.b", "", "a\nb", false],
  ["a.b", "dotall", "a\nb", true],
  ["re a # first\n dy[ #]", "extended", "ready#", true],
  ["[$]5", "", "$5", true],
  ["\\$5", "", "$5", true],
  ["\\Q$5\\E", "", "$5", true],
  ["[]$]x", "", "]x", true],
  ["[[:digit:]$]+$", "", "12$", true],
  ["\\h\\R", "", "a \r\n", true],
  ["ready", "firstline", "not\nready", false],
  ["not", "firstline", "not\nready", true],
  ["ü", "", "ü", true],
  ["^.$", "", "ü", false],
  ["^.$", "utf", "ü", true],
  ["^(?:a+?)$", "ungreedy", "aaa", true],
] as const)("%j with %j in %j: %s", (regex, options, body, wanted) => {
  expect(matches(pattern(regex, options), body)).toBe(wanted);
});

test.each([
  ["ready", { minOffset: 4 }, "all ready", true],
  ["ready", { minOffset: 5 }, "all ready", false],
  ["ready", { minOffset: 500 }, "all ready", false],
  ["ready", { maxOffset: 4 }, "all ready", true],
  ["ready", { maxOffset: 3 }, "all ready", false],
  ["^ready", { minOffset: 4 }, "all ready", false],
] as const)("%j with offsets %j in %j: %s", (regex, offsets, body, wanted) => {
  expect(matches(pattern(regex, "", offsets), body)).toBe(wanted);
  const { minOffset = null, maxOffset = null } = offsets as Partial<BodyPattern>;
  const moved = {
    minOffset: minOffset === null ? 0 : minOffset + 2,
    maxOffset: maxOffset === null ? null : maxOffset + 2,
  };
  // One character of two octets before it.
  expect(matches(pattern(regex, "utf", moved), regex.startsWith("^") ? body : `ü${body}`)).toBe(wanted);
});

test.each(["(?=x)", "(a)\\1", "a++", "(?>a)", "(", "[a", "a{2,1}"])("%j is refused with a message", (regex) => {
  expect(matches(pattern(regex), "x")).toMatch(/error parsing regexp/);
});

test("what takes other engines for ever is over at once", () => {
  const startMs = performance.now();
  expect(matches(pattern("(x+x+)+y"), "x".repeat(100_000))).toBe(false);
  expect(matches(pattern("^(([a-z])+.)+[A-Z]([a-z])+$"), "a".repeat(100_000))).toBe(false);
  // A backtracking engine needs longer than the universe has.
  expect(performance.now() - startMs).toBeLessThan(20_000);
});

test("any pattern compiles or is refused, and any body is judged", () => {
  const pieces = fc.constantFrom(
    "$",
    "\\Q",
    "\\E",
    "[",
    "]",
    "^",
    "(",
    ")",
    "a",
    "*",
    "\\",
    "\\Z",
    "|",
    "#",
    " ",
    "[:alpha:]",
  );
  const options = fc.constantFrom("", "extended", "utf multiline", "ungreedy dotall", "caseless firstline");
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 10 }),
      options,
      fc.uint8Array({ maxLength: 30 }),
      (parts, chosen, body) => {
        expect(["boolean", "string"]).toContain(typeof matches(pattern(parts.join(""), chosen), Buffer.from(body)));
      },
    ),
    { numRuns: 1000 },
  );
});

test("an answer is judged by its body, however it was cut", () => {
  const judge = (regex: BodyPattern, body: string) => {
    const exchange = new HttpExchange(url({ regex }));
    exchange.push(Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
    for (const letter of body) exchange.push(Buffer.from(`1\r\n${letter}\r\n`));
    return exchange.push(Buffer.from("0\r\n\r\n"));
  };
  expect(judge(pattern("read.$"), "all ready")).toEqual({ ok: true });
  const reason = { kind: "regex", regex: "read.$", matched: false };
  expect(judge(pattern("read.$"), "not yet")).toEqual({ ok: false, reason });
  expect(judge(pattern("read.$", "", { noMatch: true }), "not yet")).toEqual({ ok: true });
  expect(judge(pattern("read.$", "", { noMatch: true }), "all ready")).toMatchObject({ reason: { matched: true } });
});

test("a body above a mebibyte is not searched", () => {
  const exchange = new HttpExchange(url({ regex: pattern("x") }));
  exchange.push(Buffer.from("HTTP/1.1 200 OK\r\n\r\n"));
  const piece = Buffer.alloc(600_000);
  expect(exchange.push(piece)).toBeNull();
  expect(exchange.push(piece)).toMatchObject({ ok: false, reason: { kind: "too_large", limitBytes: 1024 * 1024 } });
});
