import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { octets } from "./octets.ts";

const parsed = (word: string) => {
  const result = octets.parse([word]);
  return result.ok ? result.value : result.code;
};

describe("octets", () => {
  test.each([
    ["PING\\r\\n", "PING\r\n"],
    ["PING\r\n", "PING\r\n"],
    ['\\x00\\xfF\\\\\\t\\"', '\x00\xff\\\t"'],
    ["é", "\xc3\xa9"],
    ["a # b", "a # b"],
  ])("%j", (word, value) => expect(parsed(word)).toBe(value));

  test.each(["", "\\", "\\q", "\\x4", "\\x", "x".repeat(4097)])("%j is refused", (word) =>
    expect(parsed(word)).toBe("invalid-value"),
  );

  test("what is written is read again as it was, and stands on one line without a quote or a comment", () => {
    const value = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((each) => Buffer.from(each).toString("latin1"));
    fc.assert(
      fc.property(value, (each) => {
        expect(octets.format(each)).toMatch(/^[ $-~]+$/);
        expect(parsed(octets.format(each))).toBe(each);
      }),
    );
  });

  test("takes whatever comes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (word) => {
        for (const character of parsed(word)) expect(character.charCodeAt(0)).toBeLessThan(256);
      }),
    );
  });
});
