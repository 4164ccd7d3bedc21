import { describe, expect, test } from "vitest";
import { uncomment } from "./comment.ts";

function left(text: string): string {
  const { start, end } = uncomment(text);
  return text.slice(start, end);
}

describe("comments", () => {
  test.each([
    ["weight 1 # heavy", "weight 1"],
    ["weight 1! heavy", "weight 1"],
    ["\t # only a remark", ""],
    ['script "echo #1!" # one', 'script "echo #1!"'],
    ["'a # b'", "'a"],
    ["a\\#b", "a\\#b"],
    ["  a b \t\r", "a b"],
    ["", ""],
  ])("%j leaves %j", (text, expected) => expect(left(text)).toBe(expected));

  test("a backslash at the end continues a definition, behind a comment as well", () => {
    expect(uncomment("a \\")).toMatchObject({ start: 0, end: 1, continued: true });
    expect(uncomment("a # remark \\  ")).toMatchObject({ start: 0, end: 1, continued: true });
    expect(uncomment("a")).toMatchObject({ continued: false });
  });

  test("a quote that is not closed", () => {
    expect(uncomment('virtualhost "a b # c')).toMatchObject({ openQuote: 12, end: 20 });
    expect(uncomment('"a \\" b')).toMatchObject({ openQuote: 0 });
    expect(uncomment('"a" "b"')).toMatchObject({ openQuote: null });
  });
});
