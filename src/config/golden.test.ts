import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { diagnosticCodes } from "./diagnostic-codes.ts";
import { formatDiagnostic } from "./format-diagnostic.ts";
import { lintCodes } from "./lints/lint-codes.ts";
import { loadConfig } from "./load.ts";
import { parseConfig } from "./parse-config.ts";

const folder = new URL("./fixtures/", import.meta.url);
const fixtures = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

function diagnosticsOf(fixture: string) {
  const result = parseConfig(readFileSync(new URL(fixture, folder), "utf8"), fixture);
  return result.ok ? result.warnings : result.diagnostics;
}

/** The text beside each fixture is what its author would be told; read it before you accept a change. */
describe("files that people write wrong", () => {
  test.each(fixtures)("%s", async (fixture) => {
    const text = diagnosticsOf(fixture)
      .map((diagnostic) => `${formatDiagnostic(diagnostic)}\n`)
      .join("");
    await expect(text).toMatchFileSnapshot(new URL(fixture.replace(/yaml$/, "txt"), folder).pathname);
  });

  test("every code that a text can get has a fixture, here, in keepalived/ or in lints/", async () => {
    const seen = new Set(fixtures.flatMap((fixture) => diagnosticsOf(fixture).map(({ code }) => code)));
    const keepalived = new URL("./keepalived/fixtures/", import.meta.url).pathname;
    for (const name of readdirSync(keepalived).filter((each) => each.endsWith(".conf"))) {
      const result = await loadConfig(keepalived + name);
      for (const { code } of result.ok ? result.warnings : result.diagnostics) seen.add(code);
    }
    const ofFiles = ["file-not-found", "file-unreadable", "not-a-file", "not-text"];
    const elsewhere = [...ofFiles, ...Object.keys(lintCodes)];
    const missing = Object.keys(diagnosticCodes).filter((code) => !seen.has(code as never));
    expect(missing.filter((code) => !elsewhere.includes(code))).toEqual([]);
  });
});
