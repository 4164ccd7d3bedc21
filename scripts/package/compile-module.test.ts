import { expect, test } from "vitest";
import { compileModule } from "./compile-module.ts";

const compile = (text: string, existing: readonly string[] = []) =>
  compileModule("src/a.ts", text, (name) => existing.includes(name));

test("types go, and everything else stays where it was", () => {
  const text = 'import type { A } from "./a.ts";\nexport const n: number = 1; throw new Error(String(n as unknown));\n';
  const { code, names } = compile(text);
  expect(code).not.toContain("./a");
  expect(code.indexOf("throw")).toBe(text.indexOf("throw"));
  expect(names).toEqual([]);
});

test("imports, exports and programs name JavaScript", () => {
  const { code, names } = compile(
    [
      'import { a } from "./a.ts";',
      'export * from "../b/c.ts";',
      'const d = await import("./d.ts");',
      'const entry = new URL("../e-main.ts", import.meta.url);',
      'import "zod";',
    ].join("\n"),
    ["../e-main.ts"],
  );
  expect(code).toBe(
    [
      'import { a } from "./a.js";',
      'export * from "../b/c.js";',
      'const d = await import("./d.js");',
      'const entry = new URL("../e-main.js", import.meta.url);',
      'import "zod";',
    ].join("\n"),
  );
  expect(names.toSorted()).toEqual(["../b/c.ts", "../e-main.ts", "./a.ts", "./d.ts", "zod"]);
});

test("words that only look like a file stay", () => {
  const text = 'const row = { test: "test/kernel/survival.test.ts" }; const said = "see a.ts"; // "./b.ts"';
  expect(compile(text)).toEqual({ code: text, names: [] });
});

test("an import that is gone from the disk is named all the same: whoever collects the files has to miss it", () => {
  expect(compile('import "./gone.ts";').names).toEqual(["./gone.ts"]);
});

test("what is no TypeScript is refused with its place", () => {
  expect(() => compile("export const = 1;")).toThrow();
  expect(() => compile("enum Colour { Red }")).toThrow(/enum/i);
});
