import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { behaviourDifferences } from "./behaviour.ts";

const root = join(import.meta.dirname, "../../..");

test.each(behaviourDifferences)("$what: its test is there", ({ test }) => {
  expect(test).toMatch(/\.test\.ts$/);
  expect(existsSync(join(root, test))).toBe(true);
});
