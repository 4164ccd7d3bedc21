import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { yamlSchema } from "./keywords/schema.ts";
import { loadConfig } from "./load.ts";

const folder = fileURLToPath(new URL("../../examples/", import.meta.url));
const schema = yamlSchema();
const examples = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

describe("the examples", () => {
  test("are there", () => expect(examples.length).toBeGreaterThanOrEqual(5));

  test.each(examples)("%s is valid, without a warning", async (name) => {
    const result = await loadConfig(folder + name);
    expect(result).toMatchObject({ ok: true, warnings: [] });
  });

  test.each(examples)("%s is what editors with the JSON Schema accept", (name) => {
    expect(schema.safeParse(parse(readFileSync(folder + name, "utf8"), { merge: true })).error?.issues).toBeUndefined();
  });
});
