import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { diagnosticCodes } from "./diagnostic-codes.ts";
import { type ConfigResult, parseConfig } from "./parse-config.ts";
import { settings } from "./testing/arbitrary-config.ts";

function model(result: ConfigResult) {
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 1));
  return result.model;
}

const minimal = readFileSync(new URL("../../examples/minimal.yaml", import.meta.url), "utf8");

describe("configurations that are valid", () => {
  test("every generated one becomes a model with all its servers", () => {
    fc.assert(
      fc.property(settings, (written) => {
        const { virtualServers } = model(parseConfig(stringify(written), "generated.yaml"));
        const servers = (list: unknown) => (Array.isArray(list) ? list.length : 0);
        expect(virtualServers.map(({ realServers }) => realServers.length)).toEqual(
          written.virtual_server.map(({ real_server: list }) => servers(list)),
        );
        expect(new Set(virtualServers.map(({ name }) => name)).size).toBe(virtualServers.length);
      }),
    );
  });

  test("how the YAML is laid out does not matter: blocks, flow, JSON, comments", () => {
    fc.assert(
      fc.property(settings, (written) => {
        const block = model(parseConfig(stringify(written), "a"));
        expect(model(parseConfig(stringify(written, { collectionStyle: "flow" }), "b"))).toEqual(block);
        expect(model(parseConfig(JSON.stringify(written, null, 1), "c"))).toEqual(block);
        const commented = stringify(written, { indent: 4 }).replaceAll("\n", "  # remark\n\n");
        expect(model(parseConfig(`# first\n${commented}`, "d"))).toEqual(block);
      }),
      { numRuns: 40 },
    );
  });

  test("the model is plain data in integer milliseconds", () => {
    fc.assert(
      fc.property(settings, (written) => {
        const made = model(parseConfig(stringify(written), "generated.yaml"));
        expect(JSON.parse(JSON.stringify(made))).toEqual(made);
        const timings = made.virtualServers.flatMap(({ realServers }) =>
          realServers.flatMap(({ checks }) => checks.map(({ timing }) => timing)),
        );
        for (const timing of timings) expect(Object.values(timing).every(Number.isSafeInteger)).toBe(true);
      }),
    );
  });
});

/** The result says something, and every remark is well-formed. */
function expectVerdict(text: string): void {
  const result = parseConfig(text, "broken.yaml");
  const diagnostics = result.ok ? result.warnings : result.diagnostics;
  if (!result.ok) expect(diagnostics.some(({ severity }) => severity === "error")).toBe(true);
  for (const { code, line, column, endColumn, excerpt, message } of diagnostics) {
    expect(diagnosticCodes).toHaveProperty(code);
    expect(message).not.toBe("");
    if (line === 0) continue;
    expect(column).toBeGreaterThan(0);
    expect(endColumn).toBeGreaterThan(column);
    expect(column).toBeLessThanOrEqual([...(excerpt ?? "")].length + 1);
  }
}

describe("texts that are anything", () => {
  test("garbage is refused with a diagnostic, never with an exception", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), expectVerdict), { numRuns: 300 });
  });

  test("so are damaged configurations", () => {
    const edit = fc.tuple(
      fc.nat(minimal.length),
      fc.nat(12),
      fc.oneof(
        fc.string({ maxLength: 4 }),
        fc.constantFrom("\n", ": ", "- ", "&a ", "*a", "<<: *a\n", `\${env:A}`, "include: a\n", "defaults:\n"),
      ),
    );
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        expectVerdict(
          edits.reduce((text, [at, removed, added]) => text.slice(0, at) + added + text.slice(at + removed), minimal),
        );
      }),
      { numRuns: 500 },
    );
  });

  test("so are well-formed documents of other shapes", () => {
    const keyword = fc.constantFrom(
      "virtual_server",
      "real_server",
      "address",
      "url",
      "HTTP_GET",
      "lvs_method",
      "sorry_server",
      "defaults",
      "include",
      "x",
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        fc.string(),
        fc.integer(),
        fc.constant(null),
        fc.array(tie("tree")),
        fc.dictionary(keyword, tie("tree")),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(keyword, tree), (document) => expectVerdict(stringify(document))),
      { numRuns: 300 },
    );
  });

  test("aliases of aliases are refused before they fill the memory", () => {
    const list = (name: string, of: string) => `&${name} [${Array(60).fill(of).join(", ")}]`;
    const text = `virtual_server: ${list("v", "{real_server: *r}")}`;
    const bomb = `virtual_server:
  - real_server: ${list("r", "{HTTP_GET: *h}").replace("*h", `${list("h", "{url: *u}").replace("*u", list("u", "{path: /}"))}`)}
${Array(60).fill("  - real_server: *r").join("\n")}
`;
    expectVerdict(text);
    const result = parseConfig(bomb, "bomb.yaml");
    expect(result.ok ? [] : result.diagnostics.map(({ message }) => message)).toEqual([
      "the aliases and includes of this file expand to too many settings",
    ]);
  });

  test("nesting without end is refused", () => {
    const result = parseConfig(`virtual_server: ${"[".repeat(20_000)}`, "deep.yaml");
    expect(result.ok).toBe(false);
  });
});
