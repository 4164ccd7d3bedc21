import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sourceOf } from "../source.ts";
import { lineOf } from "./line.ts";
import { escapedWords, plainWords } from "./words.ts";

const of = (text: string) => lineOf(sourceOf("words.conf", text), 0, text.length);
const plain = (text: string) => plainWords(of(text)).map((word) => word.text);
const escaped = (text: string) => escapedWords(of(text)).map((word) => word.text);

// As keepalived 2.2.7 shows them in its dump.
describe("words of most settings", () => {
  test.each([
    ["weight 1", ["weight", "1"]],
    ['router_id abc"d e"f', ["router_id", "abc", "d e", "f"]],
    ['virtualhost ""', ["virtualhost", ""]],
    ["regex 'a b'", ["regex", "'a", "b'"]],
    ["path /a\\#b", ["path", "/a#b"]],
    ["path /a\\b", ["path", "/a\\b"]],
  ])("%s", (text, expected) => expect(plain(text)).toEqual(expected));
});

describe("words of command lines", () => {
  test.each([
    [
      'script "/bin/echo \'a b\' c\\\\ d \\x41\\101 \\"q\\"" root',
      ["script", "/bin/echo 'a b' c\\ d AA \"q\"", "root"],
    ],
    ['abcd" efg h jkl "mnop', ["abcd efg h jkl mnop"]],
    ['abcd "efg h jkl" mnop', ["abcd", "efg h jkl", "mnop"]],
    ["a\\ b '\"' \"'\"", ["a b", '"', "'"]],
    ["\\t\\cA\\q", ["\t\x01q"]],
    ['"" x', ["", "x"]],
    ["a\\", ["a\\"]],
  ])("%s", (text, expected) => expect(escaped(text)).toEqual(expected));
});

test("every word stands where its span says", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "1", " ", '"', "'", "\\", "#", "\t") }), (text) => {
      for (const { span } of [...plainWords(of(text)), ...escapedWords(of(text))]) {
        expect(span.start).toBeLessThan(span.end);
        expect(span.end).toBeLessThanOrEqual(text.length);
      }
      for (const word of plainWords(of(text)))
        if (!/["\\]/.test(text)) expect(text.slice(word.span.start, word.span.end)).toBe(word.text);
    }),
  );
});
