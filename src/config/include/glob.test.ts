import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { componentMatcher, expandBraces } from "./glob.ts";

describe("braces of file names", () => {
  test.each([
    ["a.conf", ["a.conf"]],
    ["{a,b}.conf", ["a.conf", "b.conf"]],
    ["{foo/{,cat,dog},bar}", ["foo/", "foo/cat", "foo/dog", "bar"]],
    ["x{a,b}{1,2}", ["xa1", "xa2", "xb1", "xb2"]],
    ["{a}", ["{a}"]],
    ["{a,b", ["{a,b"]],
  ])("%s", (pattern, expected) => expect(expandBraces(pattern)).toEqual(expected));

  test("a bomb is cut short", () => expect(expandBraces("{a,b}".repeat(40)).length).toBeLessThanOrEqual(1000));
});

describe("wildcards", () => {
  test.each([
    ["*.conf", ["a.conf", "a.b.conf"], ["a.cfg", ".hidden.conf"]],
    ["a?c", ["abc"], ["ac", "abbc"]],
    ["[a-c]1", ["a1", "c1"], ["d1", "1"]],
    ["[!a-c]1", ["d1"], ["a1"]],
    ["[]]x", ["]x"], ["x"]],
    [".*", [".hidden"], ["shown"]],
    ["a+(b)", ["a+(b)"], ["aab"]],
  ])("%s", (pattern, yes, no) => {
    const matches = componentMatcher(pattern);
    expect(yes.filter((name) => !matches(name))).toEqual([]);
    expect(no.filter(matches)).toEqual([]);
  });

  test("any pattern can be asked", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "[", "]", "!", "^", "-", "\\", "*", "?", "(", "z") });
    fc.assert(fc.property(text, text, (pattern, name) => typeof componentMatcher(pattern)(name) === "boolean"));
  });
});
