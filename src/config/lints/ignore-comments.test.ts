import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diagnosticAt } from "../diagnostics.ts";
import { sourceOf } from "../source.ts";
import { ignoreComments } from "./ignore-comments.ts";
import { lintsOf } from "./testing/lints-of.ts";

/** Which lines of the text a remark of this code is silenced on. */
function silentLines(text: string, file = "lb.yaml", main = "lb.yaml"): number[] {
  const source = sourceOf(file, text);
  const { silences } = ignoreComments([source], main);
  return source.lineStarts.flatMap((start, index) => {
    const span = { source, start, end: start + 1 };
    return silences(diagnosticAt(span, { code: "port-ignored", message: "" })) ? [index + 1] : [];
  });
}

function problemsOf(text: string): string[] {
  return ignoreComments([sourceOf("lb.yaml", text)], "lb.yaml").diagnostics.map(({ message }) => message);
}

describe("comments that silence warnings", () => {
  test("behind a setting: its line; in a line of its own: the next setting", () => {
    expect(silentLines("a: 1\nport: 1 # lbctl: ignore=port-ignored\nb: 1\n")).toEqual([2]);
    expect(silentLines("a: 1\n# lbctl: ignore=port-ignored\n# because\n\nport: 1\nb: 1\n")).toEqual([5]);
    expect(silentLines("a: 1\n  ! lbctl: ignore=deprecated,port-ignored for good\n  port 1\n")).toEqual([3]);
  });

  test("of a file: every line of it; in the main file: of every file", () => {
    expect(silentLines("a: 1\n# lbctl: ignore-file=port-ignored\nb: 1", "part.conf")).toEqual([1, 2, 3]);
    const main = sourceOf("lb.conf", "# lbctl: ignore-file=port-ignored\n");
    const part = sourceOf("part.conf", "port 1\n");
    const { silences } = ignoreComments([main, part], "lb.conf");
    expect(silences(diagnosticAt({ source: part, start: 0, end: 1 }, { code: "port-ignored", message: "" }))).toBe(
      true,
    );
  });

  test("at a block: everything in it, and nothing beside it", () => {
    const server = (comment: string, port: number) =>
      `  ${comment}\n  - address: 192.0.2.1\n    port: ${port}\n    protocol: TCP\n    lvs_sched: sh\n    lvs_method: DR\n    real_server:\n      - {address: 10.0.0.1, port: 1}\n`;
    const silent = "# lbctl: ignore=hash-without-fallback,port-ignored";
    expect(lintsOf(`virtual_server:\n${server(silent, 80)}${server("# said", 81)}`)).toEqual([
      "hash-without-fallback 14",
      "port-ignored 17",
    ]);
    const { length } = lintsOf(`${silent}\nvirtual_server:\n${server("#", 80)}`);
    expect(length).toBe(2);
  });

  test("only the codes that are named, and never an error", () => {
    const source = sourceOf("lb.yaml", "# lbctl: ignore-file=port-ignored\n");
    const { silences } = ignoreComments([source], "lb.yaml");
    const span = { source, start: 0, end: 1 };
    expect(silences(diagnosticAt(span, { code: "no-effect", message: "" }))).toBe(false);
    const error = { ...diagnosticAt(span, { code: "port-ignored", message: "" }), severity: "error" as const };
    expect(silences(error)).toBe(false);
  });

  test("no setting follows: nothing is silenced", () => {
    expect(silentLines("a: 1\n\n# lbctl: ignore=port-ignored\n# the end")).toEqual([3]);
  });

  test.each(["# lbctl: runs on both directors", "# lbctl", "a: b#lbctl: ignore=nothing", "router_id: lbctl"])(
    "%s is no remark for us",
    (text) => {
      expect(problemsOf(text)).toEqual([]);
      expect(silentLines(text)).toEqual([]);
    },
  );

  test.each([
    ["# lbctl: ignore=port_ignored", 'no warning has the code "port_ignored"'],
    ["# lbctl: ignore=port-ignored,", "a code is missing here"],
    ["# lbctl: ignore port-ignored", "a code is missing here"],
    ["# lbctl: ignore=stray-brace", "stray-brace is an error, and errors cannot be ignored"],
    ["# lbctl: ignore_file=port-ignored", '"ignore_file" silences nothing'],
    ["# lbctl: ignore=toString", 'no warning has the code "toString"'],
  ])("%s: %s", (text, message) => {
    expect(problemsOf(text)).toEqual([message]);
  });

  test("any text can be read", () => {
    const part = fc.oneof(
      fc.constantFrom("# lbctl: ", "ignore", "ignore-file", "=", ",", "port-ignored", "\n", "! lbctl:", " ", "\r\n"),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const source = sourceOf("lb.yaml", parts.join(""));
        const { diagnostics } = ignoreComments([source], "lb.yaml");
        for (const { line, column } of diagnostics) expect([line > 0, column > 0]).toEqual([true, true]);
      }),
    );
  });
});
