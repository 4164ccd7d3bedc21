import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandTree } from "./command-tree.ts";
import { createWholeProgram } from "./commands.ts";

// What the unit of the .deb asks before it starts lbctl, with the options of /etc/default/lbctl.

const script = readFileSync(join(import.meta.dirname, "../../packaging/deb/is-configured"), "utf8");
/** On a machine without a configuration of our own. */
const elsewhere = script.replaceAll("[ -s /etc/lbctl/lbctl.yaml ]", "[ -s /nowhere/lbctl.yaml ]");

const isConfigured = (...words: readonly string[]) =>
  spawnSync("sh", ["-s", "--", ...words], { input: elsewhere }).status === 0;

test.each([
  [["-f", "/x.conf"], true],
  [["-f/x.conf"], true],
  [["-D", "-P", "--use-file", "/x.conf"], true],
  [["--use-file=/x.conf"], true],
  [["-Df", "/x.conf"], true],
  [["-lDnf/x.conf"], true],
  [[], false],
  [["-D", "-I", "-V"], false],
  [["--log-file", "/var/log/f"], false],
  [["-ifirst", "-g", "file"], false],
  [["--dont-fork", "-"], false],
] as const)("%j", (words, expected) => {
  expect(isConfigured(...words)).toBe(expected);
});

test("it knows which letters take a value", async () => {
  const run = commandTree(await createWholeProgram()).commands.find(({ name }) => name === "run");
  const others = (run?.options ?? []).filter(({ short }) => short !== null && short !== "-f");
  expect(others.length).toBeGreaterThan(20);
  // What stands behind such a letter is its value, and -f behind any other.
  const names = others.filter(({ short }) => !isConfigured(`${short}f`)).map(({ short }) => short);
  expect(names).toEqual(others.filter(({ value }) => value !== null).map(({ short }) => short));
});
