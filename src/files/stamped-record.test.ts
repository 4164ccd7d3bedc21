import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StampedRecord } from "./stamped-record.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lbctl-record-"));
  path = join(directory, "record.json");
});
afterEach(() => rm(directory, { recursive: true }));

function record(bootId = "boot-1", identity = "net-1") {
  return new StampedRecord<readonly string[]>(
    path,
    () => ({ bootId, identity }),
    (content) => {
      if (!Array.isArray(content) || !content.every((item) => typeof item === "string")) throw new Error("not texts");
      return content;
    },
  );
}

describe("StampedRecord", () => {
  test("is absent at first, then what was saved, then absent again", async () => {
    expect(await record().load()).toEqual({ kind: "absent" });
    await record().save(["a"]);
    expect(await record().load()).toEqual({ kind: "loaded", content: ["a"] });
    await record().remove();
    await record().remove();
    expect(await record().load()).toEqual({ kind: "absent" });
  });

  test.each([
    ["another boot", record.bind(null, "boot-2", "net-1")],
    ["another table", record.bind(null, "boot-1", "net-2")],
  ])("of %s is stale", async (_, other) => {
    await record().save(["a"]);
    expect(await other().load()).toMatchObject({ kind: "stale" });
  });

  test("the last of several saves stays", async () => {
    const one = record();
    await Promise.all(Array.from({ length: 20 }, (_, index) => one.save([`${index}`])));
    expect(await one.load()).toEqual({ kind: "loaded", content: ["19"] });
  });

  test("a save that failed does not stop the next", async () => {
    const one = record();
    await rm(directory, { recursive: true });
    await expect(one.save(["a"])).rejects.toMatchObject({ code: "ENOENT" });
    await import("node:fs/promises").then(({ mkdir }) => mkdir(directory));
    await one.save(["b"]);
    expect(await one.load()).toEqual({ kind: "loaded", content: ["b"] });
  });

  test.each([
    "",
    "{",
    "null",
    "[]",
    '"text"',
    '{"version":2,"stamp":{"bootId":"boot-1","identity":"net-1"},"content":["a"]}',
    '{"version":1,"content":["a"]}',
    '{"version":1,"stamp":{"bootId":"boot-1"},"content":["a"]}',
    '{"version":1,"stamp":{"bootId":"boot-1","identity":"net-1"},"content":[1]}',
    '{"version":1,"stamp":{"bootId":"boot-1","identity":"net-1"}}',
  ])("what we would not have written is put aside: %s", async (text) => {
    await writeFile(path, text);
    expect(await record().load()).toMatchObject({ kind: "corrupt", keptAs: `${path}.corrupt` });
    expect(await readFile(`${path}.corrupt`, "utf8")).toBe(text);
    expect(await record().load()).toEqual({ kind: "absent" });
  });

  test("never rejects, whatever the file holds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array(), fc.json()), async (garbage) => {
        await writeFile(path, garbage);
        expect((await record().load()).kind).toBe("corrupt");
      }),
    );
  });

  test("loading removes what a writer that died left", async () => {
    await writeFile(`${path}.tmp-1-1`, "half");
    await record().load();
    expect(await readdir(directory)).toEqual([]);
  });
});
