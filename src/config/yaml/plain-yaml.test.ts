import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ParsedNode } from "yaml";
import { composeNodes, parseYaml } from "./compose.ts";
import { readPlainYaml } from "./plain-yaml.ts";

const typical = `# two services
virtual_server:
  - name: web   # the first
    address: 192.0.2.10
    port: 80
    persistence_timeout:
    real_server:
    - address: fd00::1
      HTTP_GET: {url: [{path: "/a b", status_code: [200, 300-302]}], retry: 2}
    -
      address: '10.0.0.1'

      TCP_CHECK: {}
  - fwmark: 4
global_defs:
  router_id: a#b c:d "e"
`;

/** What the complete parser makes of the text; null when it finds errors. */
function complete(text: string) {
  const document = parseYaml(text);
  if (document === null || document.errors.length > 0 || document.contents === null) return null;
  return composeNodes(document.contents as ParsedNode);
}

describe("plain YAML", () => {
  test("a typical file is plain, and read as by the complete parser", () => {
    expect(readPlainYaml(typical)).not.toBeNull();
    expect(readPlainYaml(typical)).toEqual(complete(typical));
  });

  test.each([
    ["anchor", "a: &x 1\nb: *x\n"],
    ["merge", "a:\n  <<: {b: 1}\n"],
    ["tag", "a: !!str 1\n"],
    ["block scalar", "a: |\n  text\n"],
    ["value on several lines", "a: one\n  two\n"],
    ["escape", 'a: "\\x41"\n'],
    ["doubled quote", "a: 'it''s'\n"],
    ["tab", "a:\n\tb: 1\n"],
    ["Windows line end", "a: 1\r\nb: 2\r\n"],
    ["colon in a value", "a: b: c\n"],
    ["second document", "a: 1\n---\nb: 2\n"],
    ["further left than its block", "a:\n    b: 1\n  c: 2\n"],
    ["further right than its block", "a: 1\n  b: 2\n"],
    ["flow on several lines", "a: [1,\n  2]\n"],
    ["unclosed flow", "a: {b: 1\n"],
    ["unclosed quote", 'a: "b\n'],
    ["deep flow", `a: ${"[".repeat(50_000)}\n`],
    ["no key", "just text\n"],
    ["nothing", "\n# comment\n"],
  ])("%s is left to the complete parser", (_what, text) => {
    expect(readPlainYaml(text)).toBeNull();
  });

  test("deep nesting ends in a verdict", () => {
    const depth = 6000;
    const text = Array.from({ length: depth }, (_, level) => `${" ".repeat(level)}a:\n`).join("");
    expect(() => readPlainYaml(text)).not.toThrow();
  });

  const piece = fc.constantFrom(
    ...[
      "a",
      "key",
      "b:",
      ": ",
      ":",
      "- ",
      "-",
      "  ",
      " ",
      "\n",
      "\n  ",
      "\n    ",
      "\n- ",
      "\n  - ",
      "# c",
      " # c",
      "#",
      "1",
      "::1",
      "$a",
      `\${env:A}`,
      `\${env:A:-b c}`,
    ],
    ...[
      "{",
      "}",
      "[",
      "]",
      ", ",
      ",",
      "{a: 1}",
      "[1, 2]",
      '"',
      "'",
      '"q r"',
      "'s'",
      "key: v",
      "a:\n",
      "&x ",
      "*x",
      "---\n",
      "...",
    ],
    ...[
      "10.0.0.1",
      "/p?q=1",
      "200-299",
      "~",
      "null",
      "é",
      "%",
      "!t ",
      "| ",
      "<<: ",
      "? ",
      "@",
      "`",
      "\\",
      "\t",
      "k: v\n",
      "  k: v\n",
    ],
  );

  test("whatever is read as plain, the complete parser reads the same way", () => {
    let read = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const text = pieces.join("");
        const plain = readPlainYaml(text);
        if (plain === null) return;
        read++;
        expect({ text, node: plain }).toEqual({ text, node: complete(text) });
      }),
      { numRuns: 20_000 },
    );
    expect(read).toBeGreaterThan(200);
  });

  test("so it is for mutations of typical files", () => {
    const base = typical + readFileSync(new URL("../../../examples/minimal.yaml", import.meta.url), "utf8");
    let read = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(base.length), fc.nat(3), fc.oneof(piece, fc.string({ maxLength: 2 }))), {
          maxLength: 3,
        }),
        (edits) => {
          let text = base;
          for (const [at, removed, inserted] of edits) text = text.slice(0, at) + inserted + text.slice(at + removed);
          const plain = readPlainYaml(text);
          if (plain === null) return;
          read++;
          expect({ text, node: plain }).toEqual({ text, node: complete(text) });
        },
      ),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(300);
  });
});
