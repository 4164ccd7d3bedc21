import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../load.ts";

const folder = new URL("./pairs/", import.meta.url).pathname;
const pairs = readdirSync(folder)
  .filter((name) => name.endsWith(".conf"))
  .map((name) => name.replace(/\.conf$/, ""));

async function modelOf(file: string) {
  const result = await loadConfig(folder + file, { configId: "first" });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 1));
  return { model: result.model, codes: result.warnings.map(({ code }) => code).sort() };
}

const examples = new URL("../../../examples/", import.meta.url).pathname;

test.each(readdirSync(examples).filter((name) => name.endsWith(".conf")))("example %s has no warning", async (name) => {
  for (const configId of ["lb1", "lb2"])
    expect(await loadConfig(examples + name, { configId })).toMatchObject({ ok: true, warnings: [] });
});

describe("the same configuration in both languages is the same model, with the same warnings", () => {
  test("there are some", () => expect(pairs.length).toBeGreaterThanOrEqual(5));

  test.each(pairs)("%s", async (pair) => {
    const { model, codes } = await modelOf(`${pair}.conf`);
    const yaml = await modelOf(`${pair}.yaml`);
    expect(model).toEqual(yaml.model);
    // The YAML has the new names.
    expect(codes.filter((code) => code !== "deprecated")).toEqual(yaml.codes);
  });
});
