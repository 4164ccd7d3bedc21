import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OwnProgram } from "./own-program.ts";

let directory: string;
const path = (name: string) => join(directory, name);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-program-"));
  for (const name of ["node", "main.ts", "lbctl-1", "lbctl-2"]) writeFileSync(path(name), name);
  symlinkSync(path("lbctl-1"), path("lbctl"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const take = (started?: string) => {
  const env: NodeJS.ProcessEnv = started === undefined ? {} : { LBCTL_PROGRAM: started };
  const argv = ["node", path("main.ts"), "run", "-f", "x.yaml"];
  const own = OwnProgram.take({ env, argv, execPath: path("node"), execArgv: ["--x"], cwd: () => directory });
  expect(env.LBCTL_PROGRAM).toBeUndefined();
  return own;
};

describe("OwnProgram", () => {
  test("is what it was started by, resolved anew; else Node with its script", () => {
    expect(take("lbctl").command).toEqual([path("lbctl"), "run", "-f", "x.yaml"]);
    expect(take().command).toEqual([path("node"), "--x", path("main.ts"), "run", "-f", "x.yaml"]);
    expect(take("lbctl").variables).toEqual({ LBCTL_PROGRAM: path("lbctl") });
    expect(take().variables).toEqual({});
  });

  test.each([
    [
      "the link leads elsewhere",
      () => {
        rmSync(path("lbctl"));
        symlinkSync(path("lbctl-2"), path("lbctl"));
      },
    ],
    [
      "the script is another file",
      () => {
        writeFileSync(path("new"), "main.ts");
        renameSync(path("new"), path("main.ts"));
      },
    ],
    ["Node is gone", () => rmSync(path("node"))],
  ])("has changed when %s", (_, change) => {
    const own = take("lbctl");
    expect(own.hasChanged).toBe(false);
    change();
    expect(own.hasChanged).toBe(true);
  });
});
