import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Diagnostic, diagnosticAt, diagnosticOfFile, inOrder } from "./diagnostics.ts";
import { formatDiagnostic } from "./format-diagnostic.ts";
import { columnOf, lineNumber, lineText, sourceOf } from "./source.ts";

function at(text: string, marked: string): Diagnostic {
  const start = text.indexOf(marked);
  const span = { source: sourceOf("lb.yaml", text), start, end: start + marked.length };
  return diagnosticAt(span, { code: "unknown-keyword", message: "m", hint: "do this" });
}

describe("places", () => {
  test("line and column lead back to the offset", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "\n", "é", "\r\n", "\u{1f600}") }), fc.nat(), (text, seed) => {
        const source = sourceOf("x", text);
        const offset = Math.min(seed, text.length);
        const line = lineNumber(source, offset);
        expect(text.slice(0, offset).split("\n")).toHaveLength(line);
        expect(lineText(source, line)).toBe((text.split("\n")[line - 1] as string).replace(/\r$/, ""));
        expect(columnOf(source, offset)).toBe([...(text.slice(0, offset).split("\n").at(-1) as string)].length + 1);
      }),
    );
  });

  test("columns of lines longer than any stretch that is counted at once", () => {
    const text = "\u{1f600}a\ud83d".repeat(2000);
    const source = sourceOf("x", text);
    for (const offset of [0, 1, 2, 1023, 1024, 1025, 4096, 5000, text.length - 1, text.length]) {
      expect(columnOf(source, offset)).toBe([...text.slice(0, offset)].length + 1);
    }
  });

  test("of a very long line a piece is kept, which says where it begins", () => {
    const {
      excerpt,
      excerptColumn = 0,
      column,
      endColumn,
    } = at(`${"é".repeat(50_000)}bad${"y".repeat(50_000)}`, "bad");
    expect({ column, endColumn }).toEqual({ column: 50_001, endColumn: 50_004 });
    expect(excerpt?.length).toBeLessThan(2000);
    expect(excerpt?.slice(column - excerptColumn, endColumn - excerptColumn)).toBe("bad");
  });

  test("columns count characters", () => {
    expect(at("\u{1f600}\u{1f600} bad", "bad")).toMatchObject({ line: 1, column: 4, endColumn: 7 });
  });

  test("a mark over several lines ends with the first", () => {
    expect(at("a: bad\n  worse\n", "bad\n  worse")).toMatchObject({ line: 1, column: 4, endColumn: 7 });
  });

  test("an empty mark still marks a place", () => {
    const source = sourceOf("x", "ab\n");
    expect(diagnosticAt({ source, start: 3, end: 3 }, { code: "yaml-syntax", message: "m" })).toMatchObject({
      line: 2,
      column: 1,
      endColumn: 2,
    });
  });
});

describe("the printed form", () => {
  test("place, code, message, excerpt, mark, hint", () => {
    expect(formatDiagnostic(at("one\n  two: bad # c\n", "bad"))).toBe(
      ["lb.yaml:2:8: error[unknown-keyword]: m", "    2 |   two: bad # c", "      |        ^^^ do this"].join("\n"),
    );
  });

  test("tabs before the mark stay tabs, so that it stands right", () => {
    expect(formatDiagnostic(at("a:\t\tbad", "bad")).split("\n").at(-1)).toBe("      |   \t\t^^^ do this");
  });

  test("what would act on a terminal is not printed", () => {
    expect(formatDiagnostic(at("a: \u001b[31mbad\u009b", "bad")).replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });

  test("of a long line the part around the mark is shown", () => {
    const [, shown = "", marks = ""] = formatDiagnostic(at(`${"x".repeat(5000)}bad${"y".repeat(5000)}`, "bad")).split(
      "\n",
    );
    expect(shown.length).toBeLessThan(140);
    expect(shown.slice(marks.indexOf("^"), marks.lastIndexOf("^") + 1)).toBe("bad");
  });

  test("a remark about the whole file has no excerpt", () => {
    const remark = { code: "file-not-found", message: "there is no such file", hint: "write one" } as const;
    expect(formatDiagnostic(diagnosticOfFile("/x.yaml", remark))).toBe(
      "/x.yaml: error[file-not-found]: there is no such file\n      | write one",
    );
  });

  test("colours are the caller's", () => {
    expect(formatDiagnostic(at("bad", "bad"), (part, text) => `<${part}>${text}</>`)).toContain(
      "<error>^^^</> do this",
    );
  });
});

test("diagnostics come in the order of the file, each once", () => {
  const first = at("bad\nbad2", "bad2");
  const second = at("bad\nbad2", "bad\n");
  expect(inOrder([first, second, first])).toEqual([second, first]);
});
