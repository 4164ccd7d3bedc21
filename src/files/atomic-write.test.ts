import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { removeLeftovers, writeFileAtomic } from "./atomic-write.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lbctl-files-"));
  path = join(directory, "record.json");
});
afterEach(() => rm(directory, { recursive: true }));

describe("writeFileAtomic", () => {
  test("creates and replaces, for the owner only by default", async () => {
    await writeFileAtomic(path, "one");
    await writeFileAtomic(path, "two");
    expect(await readFile(path, "utf8")).toBe("two");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(["record.json"]);
  });

  test("sets the mode whatever the umask and the old file's", async () => {
    await writeFile(path, "old");
    await chmod(path, 0o600);
    const umask = process.umask(0o077);
    try {
      await writeFileAtomic(path, "new", { mode: 0o644 });
    } finally {
      process.umask(umask);
    }
    expect((await stat(path)).mode & 0o777).toBe(0o644);
  });

  test("a reader never sees a part", async () => {
    const contents = ["a".repeat(300_000), "b".repeat(300_000)];
    await writeFileAtomic(path, contents[0] as string);
    let writing = true;
    const seen = new Set<string>();
    const reader = (async () => {
      while (writing) seen.add(await readFile(path, "utf8"));
    })();
    for (let round = 0; round < 20; round++) await writeFileAtomic(path, contents[round % 2] as string);
    writing = false;
    await reader;
    for (const text of seen) expect(contents).toContain(text);
  });

  test("writers at the same time each write a whole", async () => {
    const contents = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(1_000));
    await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
    expect(contents).toContain(await readFile(path, "utf8"));
    expect(await readdir(directory)).toEqual(["record.json"]);
  });

  test("a failure leaves the old file and nothing beside it", async () => {
    const target = join(directory, "directory");
    await mkdir(target);
    await writeFile(join(target, "inside"), "");
    await expect(writeFileAtomic(target, "x")).rejects.toMatchObject({
      code: expect.stringMatching(/EISDIR|ENOTEMPTY|EEXIST/),
    });
    expect(await readdir(directory)).toEqual(["directory"]);
    await expect(writeFileAtomic(join(directory, "none", "file"), "x")).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("exclusive: a file that exists stays, and nothing is left beside it", async () => {
    await writeFileAtomic(path, "one", { exclusive: true, mode: 0o640 });
    await expect(writeFileAtomic(path, "two", { exclusive: true })).rejects.toMatchObject({ code: "EEXIST" });
    expect(await readFile(path, "utf8")).toBe("one");
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await readdir(directory)).toEqual(["record.json"]);
  });

  test("replaces a symbolic link instead of writing through it", async () => {
    const victim = join(directory, "victim");
    await writeFile(victim, "untouched");
    await symlink(victim, path);
    await writeFileAtomic(path, "new");
    expect(await readFile(victim, "utf8")).toBe("untouched");
    expect(await readFile(path, "utf8")).toBe("new");
  });
});

test("removeLeftovers takes what died writers of this file left, and nothing else", async () => {
  await writeFile(`${path}.tmp-12345-1`, "half");
  await writeFile(join(directory, "other.json.tmp-1-1"), "somebody else's");
  await writeFileAtomic(path, "whole");
  await removeLeftovers(path);
  expect((await readdir(directory)).sort()).toEqual(["other.json.tmp-1-1", "record.json"]);
});
