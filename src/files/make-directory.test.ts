import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeDirectory } from "./make-directory.ts";

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "lbctl-make-directory-"));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

describe("makeDirectory", () => {
  test("makes what is missing, and leaves what is there", () => {
    const path = join(base, "a/b/c");
    makeDirectory(path, 0o750);
    expect(statSync(path).mode & 0o777).toBe(0o750);
    makeDirectory(path, 0o755);
    expect(statSync(path).mode & 0o777).toBe(0o750);
  });

  test("a link to a directory is one", () => {
    symlinkSync(base, join(base, "link"));
    makeDirectory(join(base, "link"), 0o755);
    makeDirectory(join(base, "link/inside"), 0o755);
    expect(statSync(join(base, "inside")).isDirectory()).toBe(true);
  });

  test("a file in the way, or a link to nothing, is an error", () => {
    writeFileSync(join(base, "file"), "");
    symlinkSync(join(base, "nothing"), join(base, "dangling"));
    expect(() => makeDirectory(join(base, "file"), 0o755)).toThrow("EEXIST");
    expect(() => makeDirectory(join(base, "file/below"), 0o755)).toThrow("ENOTDIR");
    expect(() => makeDirectory(join(base, "dangling"), 0o755)).toThrow("EEXIST");
  });

  test("a file system that refuses new directories with ENOENT is refused at once", () => {
    expect(() => makeDirectory("/proc/lbctl/run", 0o755)).toThrow("ENOENT");
  });
});
