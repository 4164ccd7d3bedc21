import { execFileSync } from "node:child_process";
import { afterEach, expect, test, vi } from "vitest";
import { hideCompileCache, ownEnvironment } from "./compile-cache.ts";

afterEach(() => vi.unstubAllEnvs());

const seenByChild = (env?: NodeJS.ProcessEnv) =>
  execFileSync("sh", ["-c", "echo $NODE_COMPILE_CACHE"], { encoding: "utf8", ...(env === undefined ? {} : { env }) });

test("only processes of ours inherit the compile cache", () => {
  vi.stubEnv("NODE_COMPILE_CACHE", "/var/cache/lbctl");
  hideCompileCache();
  expect(seenByChild()).toBe("\n");
  expect(seenByChild(ownEnvironment())).toBe("/var/cache/lbctl\n");
  hideCompileCache();
  expect(seenByChild(ownEnvironment())).toBe("/var/cache/lbctl\n");
});
