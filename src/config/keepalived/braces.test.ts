import { describe, expect, test } from "vitest";
import { plainBraces, undefinedReferences } from "./braces.ts";

function parts(text: string): string[] {
  return plainBraces(text).map(({ start, end }) => text.slice(start, end));
}

describe("braces", () => {
  test.each([
    ["real_server 10.0.0.1 80 {", ["real_server 10.0.0.1 80", "{"]],
    ["url { path / } }", ["url", "{", "path /", "}", "}"]],
    ["}}", ["}", "}"]],
    ["TCP_CHECK{connect_port 80}", ["TCP_CHECK", "{", "connect_port 80", "}"]],
    ['script "a { b" {', ['script "a { b"', "{"]],
    ['script "a \\" { b" }', ['script "a \\" { b"', "}"]],
    [`weight \${W} {`, [`weight \${W}`, "{"]],
    ["", []],
    ["  ", []],
  ])("%s", (text, expected) => expect(parts(text)).toEqual(expected));

  test("references that are left over", () => {
    const names = undefinedReferences(`a \${X} "b \${Y}" c\${Z}`).map(({ name }) => name);
    expect(names).toEqual(["X", "Z"]);
  });
});
