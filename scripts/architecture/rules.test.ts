import { describe, expect, test } from "vitest";
import { readSource } from "./read-source.ts";
import { findViolations, type Layout } from "./rules.ts";

const layout: Layout = {
  pure: ["src/director/"],
  shells: ["src/director/shell.ts"],
  private: ["src/cli/"],
  packages: ["ipvs/"],
  pureModules: { zod: { except: [] }, "ipvs-netlink": { except: ["IpvsClient"] } },
};

/** "rule line message" of every violation in the files given as path → text. */
function check(files: Readonly<Record<string, string>>): readonly string[] {
  const sources = Object.entries(files).map(([path, text]) => readSource(path, text));
  return findViolations(sources, layout).map(({ rule, line, message }) => `${rule} ${line} ${message}`);
}

describe("a pure file", () => {
  test.each([
    ['import { readFileSync } from "node:fs";', "pure 1 imports node:fs, which is not pure"],
    ['import "node:net";', "pure 1 imports node:net, which is not pure"],
    ['export * from "./shell.ts";', "pure 1 imports src/director/shell.ts, which is not pure"],
    ['import { x } from "../log/logger.ts";', "pure 1 imports src/log/logger.ts, which is not pure"],
    ['\nconst fs = await import("node:fs");', "pure 2 imports node:fs, which is not pure"],
    ['import { request } from "undici";', "pure 1 imports undici, which is not pure"],
    [
      'import { IpvsClient, serviceKeyText } from "ipvs-netlink";',
      "pure 1 imports IpvsClient of ipvs-netlink, which is not pure",
    ],
    ['import * as ipvs from "ipvs-netlink";', "pure 1 imports * of ipvs-netlink, which is not pure"],
    ["const a = Date.now();", "pure 1 uses Date.now"],
    ["const a = new Date();", "pure 1 uses new Date()"],
    ["const a = performance.now();", "pure 1 uses performance"],
    ["const a = Math.random();", "pure 1 uses Math.random"],
    ["setTimeout(() => {}, 1);", "pure 1 uses setTimeout"],
    ["const options = { setTimeout };", "pure 1 uses setTimeout"],
    ["const a = { now: process.hrtime };", "pure 1 uses process"],
    ["function f(): void {\n  console.log(1 as number);\n}", "pure 2 uses console"],
    ["const f = ({ a = process.pid }) => a;", "pure 1 uses process"],
  ])("must not say %j", (text, expected) => {
    expect(check({ "src/director/desired.ts": text })).toEqual([expected]);
  });

  test.each([
    'import type { Socket } from "node:net";',
    'import { z } from "zod";',
    'import { diff } from "./diff.ts";',
    "const at = (atMs: number) => new Date(atMs).toISOString();",
    'import { type IpvsClient, serviceKeyText } from "ipvs-netlink";',
    "const f = (process: Process) => process.pid;",
    "const f = ({ process = 1, a: [console], ...fetch }) => [process, console, fetch];",
    "const sizes = { console: 1, process: 2 }; export const n = sizes.process;",
    "type Timer = ReturnType<typeof setTimeout>;",
    "// Date.now() is for others\nexport const text = 'process.exit()';",
  ])("may say %j", (text) => {
    expect(check({ "src/director/desired.ts": text })).toEqual([]);
  });

  test("is neither a shell nor a test", () => {
    const text = 'import { readFileSync } from "node:fs"; console.log(readFileSync, Date.now());';
    expect(check({ "src/director/shell.ts": text, "src/director/a.test.ts": text })).toEqual([]);
  });
});

describe("borders", () => {
  test("a package imports nothing of the director's", () => {
    expect(check({ "ipvs/src/a.ts": 'import type { Model } from "../../src/config/model.ts";' })).toEqual([
      "package 1 imports src/config/model.ts from outside its package",
    ]);
    expect(check({ "ipvs/src/a.ts": 'import { b } from "./b.ts"; import { z } from "zod";' })).toEqual([]);
  });

  test("the command line is imported by nobody, tests excepted", () => {
    const text = 'import { run } from "../cli/run.ts";';
    expect(check({ "src/control/a.ts": text })).toEqual([
      "private 1 imports src/cli/run.ts: nobody outside src/cli/ may",
    ]);
    expect(check({ "src/control/a.test.ts": text, "src/cli/main.ts": 'import { run } from "./run.ts";' })).toEqual([]);
  });

  test("what serves tests stays with them", () => {
    const text = 'import { fake } from "./testing/fake.ts";';
    expect(check({ "src/control/a.ts": text })).toEqual([
      "test-only 1 imports src/control/testing/fake.ts, which is for tests",
    ]);
    expect(check({ "src/control/a.test.ts": text })).toEqual([]);
  });
});

describe("cycles", () => {
  test("are found once, whatever their length", () => {
    const files = {
      "src/a.ts": 'export const one = 1;\nimport { b } from "./b.ts";',
      "src/b.ts": 'import { c } from "./c.ts";',
      "src/c.ts": 'import { a } from "./a.ts";',
      "src/d.ts": 'import { a } from "./a.ts"; import { d } from "./d.ts";',
    };
    expect(check(files)).toEqual(["cycle 2 src/a.ts → src/b.ts → src/c.ts → src/a.ts", "cycle 1 src/d.ts → src/d.ts"]);
  });

  test("are none if an import is of types only, or files merely share one", () => {
    const files = {
      "src/a.ts": 'import { b } from "./b.ts"; import { c } from "./c.ts";',
      "src/b.ts": 'import { c } from "./c.ts";',
      "src/c.ts": 'import type { a } from "./a.ts";',
    };
    expect(check(files)).toEqual([]);
  });
});

test("no default exports", () => {
  expect(check({ "src/a.ts": "const a = 1;\nexport default a;" })).toEqual(["default-export 2 export it by name"]);
});

test("no file that needs a table of contents, tests excepted", () => {
  const text = "export {};\n".repeat(351);
  expect(check({ "src/a.ts": text })).toEqual(["length 350 351 lines: more than one concern?"]);
  expect(check({ "src/generated/a.ts": text, "ipvs/src/ipvs/constants.ts": text, "src/a.test.ts": text })).toEqual([]);
});
