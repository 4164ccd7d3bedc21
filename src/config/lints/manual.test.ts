import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { lintCodes } from "./lint-codes.ts";

const manual = readFileSync(new URL("../../../docs/lints.md", import.meta.url), "utf8");
const sections = new Map(
  manual
    .split(/^### /m)
    .slice(1)
    .map((section): [string, string] => [section.slice(0, section.indexOf("\n")), section]),
);

describe("docs/lints.md", () => {
  test("has a section for each lint, and no other", () => {
    expect([...sections.keys()].sort()).toEqual(Object.keys(lintCodes).sort());
  });

  test.each([...sections])("%s says what it is and what to do", (_code, section) => {
    expect(section.split("\n").slice(1).join(" ").trim().length).toBeGreaterThan(120);
  });
});
