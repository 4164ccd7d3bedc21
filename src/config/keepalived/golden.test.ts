import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "../format-diagnostic.ts";
import { loadConfig } from "../load.ts";

const folder = new URL("./fixtures/", import.meta.url).pathname;
/** Where this checkout is must not show. */
const withoutFolder = (text: string) => text.replaceAll(folder, "").replaceAll(folder.slice(0, -1), "fixtures");
const fixtures = readdirSync(folder).filter((name) => name.endsWith(".conf"));

/** The text beside each fixture is what its author would be told; read it before you accept a change. */
describe("keepalived.conf files that people write wrong", () => {
  test.each(fixtures)("%s", async (fixture) => {
    const result = await loadConfig(folder + fixture, { configId: "lb1", offline: true });
    const diagnostics = result.ok ? result.warnings : result.diagnostics;
    const text = diagnostics.map((diagnostic) => `${withoutFolder(formatDiagnostic(diagnostic))}\n`).join("");
    await expect(text).toMatchFileSnapshot(folder + fixture.replace(/conf$/, "txt"));
  });
});
