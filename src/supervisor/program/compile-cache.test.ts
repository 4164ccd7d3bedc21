import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { ownEnvironment, settleCompileCache } from "./compile-cache.ts";

afterEach(() => vi.unstubAllEnvs());

const seenByChild = (env?: NodeJS.ProcessEnv) =>
  execFileSync("sh", ["-c", "echo $NODE_COMPILE_CACHE"], { encoding: "utf8", ...(env === undefined ? {} : { env }) });

test("only processes of ours inherit the compile cache", () => {
  vi.stubEnv("NODE_COMPILE_CACHE", "/var/cache/lbctl");
  settleCompileCache();
  expect(seenByChild()).toBe("\n");
  expect(seenByChild(ownEnvironment())).toBe("/var/cache/lbctl\n");
  settleCompileCache();
  expect(seenByChild(ownEnvironment())).toBe("/var/cache/lbctl\n");
});

test("what a process that is killed had compiled is there for the next one", () => {
  const cache = mkdtempSync(join(tmpdir(), "lbctl-compiled-"));
  onTestFinished(() => rmSync(cache, { recursive: true }));
  const code = `const { settleCompileCache } = await import(${JSON.stringify(new URL("./compile-cache.ts", import.meta.url).href)});
    if (process.argv[1] === "settles") settleCompileCache();
    // By somebody else: Node writes before it kills itself.
    (await import("node:child_process")).execFileSync("sh", ["-c", "kill -KILL $PPID"]);`;
  const compiledBy = (word: string): number => {
    const env = { ...process.env, NODE_COMPILE_CACHE: join(cache, word) };
    const words = ["--input-type=module", "--eval", code, word];
    expect(spawnSync(process.execPath, words, { env }).signal).toBe("SIGKILL");
    return readdirSync(join(cache, word), { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
      .length;
  };
  expect(compiledBy("settles")).toBeGreaterThan(0);
  expect(compiledBy("does not")).toBe(0);
});
