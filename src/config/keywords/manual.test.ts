import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { exitCodes } from "../../cli/exit-codes.ts";
import { parseConfig } from "../parse-config.ts";

const page = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8");
const manual = page("configuration.md");

describe("docs/configuration.md", () => {
  const samples = [...manual.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ""]) => text);

  test("shows complete configurations", () => {
    expect(samples.length).toBeGreaterThanOrEqual(3);
    for (const sample of samples) expect(Object.keys(parse(sample) as object)).toContain("virtual_server");
  });

  test.each(samples)("shows only what is valid: %#", (sample) => {
    expect(parseConfig(sample, "manual.yaml")).toMatchObject({ ok: true, warnings: [] });
  });
});

test("docs/exit-codes.md has a row for every exit status, and no other", () => {
  const rows = [...page("exit-codes.md").matchAll(/^\| (\d+) \| `(\w+)` \|/gm)].map(([, code, name]) => [
    name,
    Number(code),
  ]);
  expect(Object.fromEntries(rows)).toEqual(exitCodes);
});
