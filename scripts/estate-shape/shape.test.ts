import { expect, test } from "vitest";
import { changesOf, recordOf } from "./record.ts";
import { shapeOf } from "./shape.ts";

const files: Record<string, string> = {
  "a/estate.ts": `
    import type { Model, Unused } from "./model.ts";
    import { type Check as Known, states } from "checks";
    import type { Stats } from "node:fs";
    /** A comment, and { braces: in it }. */
    export interface Estate<T> { readonly model: Model; readonly state: State; x: T; /* why */ stats: Stats; url: "http://x" }
    type State = (typeof states)[number] | Known;
    export interface Other { readonly nothing: Unused }`,
  "a/model.ts":
    "export interface Model { readonly next: Model | null }\nexport interface Unused { readonly never: true }",
  "checks/index.ts": 'export * from "./b.ts";\nexport { type C as Check } from "./c.ts";',
  "checks/b.ts": 'export const states = ["up", "down"] as const, others = 1;',
  "checks/c.ts": "export interface C { readonly key: string }",
};
const sources = (changed: Record<string, string> = {}) => ({
  read: (path: string) => ({ ...files, ...changed })[path] ?? "",
  packages: { checks: "checks/index.ts" },
});
const shape = (changed?: Record<string, string>) => shapeOf("a/estate.ts", ["Estate"], sources(changed));

test("every declaration that a type is made of, across files and packages, once", () => {
  expect(shape().map(({ path, name }) => `${path} ${name}`)).toEqual([
    "a/estate.ts Estate",
    "a/estate.ts State",
    "a/model.ts Model",
    "checks/b.ts states",
    "checks/c.ts C",
  ]);
  expect(shape()[0]?.text).toBe(
    'interface Estate<T> { readonly model: Model; readonly state: State; x: T; stats: Stats; url: "http://x" }',
  );
});

test("comments, line breaks and what is not used do not count; a field of anything does", () => {
  const same = { "a/model.ts": "/** Of all. */\nexport interface Model {\n  readonly next: Model | null }" };
  expect(shape(same)).toEqual(shape());
  const other = { "checks/c.ts": "export interface C { readonly key: string; readonly more: number }" };
  expect(shape(other)).not.toEqual(shape());
});

test("a name that is exported by nobody is a mistake", () => {
  expect(() => shape({ "checks/index.ts": "" })).toThrow("checks/index.ts has no");
});

test("the record tells what is otherwise", () => {
  const [a, b] = [
    { path: "a.ts", name: "A", digest: "1" },
    { path: "b.ts", name: "B", digest: "2" },
  ];
  const record = recordOf(3, [a, b]);
  expect(changesOf(record, 3, [a, b])).toEqual([]);
  expect(changesOf(record, 4, [a, b])).toEqual(["the record is of version 3"]);
  const others = [
    { ...a, digest: "9" },
    { ...b, name: "C" },
  ];
  expect(changesOf(record, 3, others)).toEqual(["a.ts A has changed", "b.ts C is new", "b.ts B is gone"]);
});
