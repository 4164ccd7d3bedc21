import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "../format-diagnostic.ts";
import { noContext, parseConfig } from "../parse-config.ts";
import { lintCodes } from "./lint-codes.ts";
import { fixtureHost } from "./testing/fixture-host.ts";

const folder = new URL("./fixtures/", import.meta.url);
const fixtures = readdirSync(folder).filter((name) => /\.(?:yaml|conf)$/.test(name));
/** What only one language can get wrong. */
const ofKeepalivedConf = ["include-matched-nothing", "undefined-parameter"];

function diagnosticsOf(fixture: string) {
  const text = readFileSync(new URL(fixture, folder), "utf8");
  const result = parseConfig(text, fixture, { ...noContext, configId: "lb1" }, fixtureHost);
  return result.ok ? result.warnings : result.diagnostics;
}

/** The text beside each fixture is what its author would be told; read it before you accept a change. */
describe("files that are legal and surely not meant", () => {
  test.each(fixtures)("%s", async (fixture) => {
    const text = diagnosticsOf(fixture)
      .map((diagnostic) => `${formatDiagnostic(diagnostic)}\n`)
      .join("");
    await expect(text).toMatchFileSnapshot(new URL(`${fixture}.txt`, folder).pathname);
  });

  test.each(["yaml", "conf"])("every lint has a fixture in .%s", (language) => {
    const seen = new Set(
      fixtures.filter((name) => name.endsWith(language)).flatMap((name) => diagnosticsOf(name).map(({ code }) => code)),
    );
    const elsewhere = language === "yaml" ? ofKeepalivedConf : [];
    expect(Object.keys(lintCodes).filter((code) => !seen.has(code as never) && !elsewhere.includes(code))).toEqual([]);
  });
});
