import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { noContext, readConfig } from "../parse-config.ts";
import { yamlScalar, yamlWords } from "./scalar.ts";

const words = (text: string) => {
  const { nodes, diagnostics } = readConfig(text, "lb.yaml", noContext);
  if (diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics));
  return nodes[0]?.children?.[0]?.values.map((word) => word.text);
};

const strange = fc.constantFrom(
  "$",
  "{",
  "env:",
  "}",
  "#",
  " #",
  ": ",
  ":",
  "- ",
  '"',
  "'",
  "\\",
  "\t",
  "\n",
  "é",
  "\u2028",
  "null",
  "~",
  "0x1",
  "[",
  ",",
  "&",
  "*",
  "!",
  "%",
  "@",
  "|",
  ">",
  " ",
  "a",
);
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.array(strange).map((parts) => parts.join("")),
);

describe("a scalar", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8::1", "2001:db8::1"],
    ["::1", '"::1"'],
    ["fe80::", '"fe80::"'],
    ["a b", "a b"],
    ["a #b", '"a #b"'],
    ["-5", '"-5"'],
    ["null", '"null"'],
    ["0123", '"0123"'],
    ["1e3", '"1e3"'],
    ["", '""'],
    ['say "hi"', 'say "hi"'],
    ['"hi"', `'"hi"'`],
    [`"it's"`, `"\\"it's\\""`],
    [`\${env:A}`, `"$\${env:A}"`],
    ["p$ss", "p$ss"],
  ])("%j is written as %s", (text, written) => {
    expect(yamlScalar(text)).toBe(written);
  });

  test("is read back as the text, by lbctl and by every other program, in both styles", () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(words(`global_defs:\n  router_id: ${yamlScalar(text)}\n`)).toEqual([text]);
        expect(words(`global_defs:\n  startup_script: [${yamlScalar(text, "list")}, x]\n`)).toEqual([text, "x"]);
        // References are lbctl's: other programs see the dollar that keeps them from being one.
        const other = parse(`a: ${yamlScalar(text)}`) as { a: unknown };
        expect(String(other.a)).toBe(text.replaceAll("${env:".toString(), () => `$\${env:`));
      }),
      { numRuns: 1000 },
    );
  });

  test("of several words is split into them again", () => {
    const word = fc
      .oneof(fc.constantFrom("a", "a b", "", "#", "x:", "-"), fc.string({ minLength: 1 }))
      .filter((each) => !each.includes('"') && !each.includes("\ufeff"));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (list) => {
        expect(words(`vrrp_track_process:\n  process: ${yamlWords(list)}\n`)).toEqual(list);
      }),
    );
  });
});
