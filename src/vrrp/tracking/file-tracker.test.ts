import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TrackFile } from "../../config/vrrp-model.ts";
import { FileTracker } from "./file-tracker.ts";

let directory: string;
let tracker: FileTracker;
const values: [string, number][] = [];
const said: string[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-files-"));
  values.length = 0;
  said.length = 0;
  tracker = new FileTracker({
    onValue: (file, value) => values.push([file, value]),
    log: (severity, message) => said.push(`${severity}: ${message}`),
  });
});
afterEach(() => {
  tracker.close();
  rmSync(directory, { recursive: true });
});

const path = (name: string) => join(directory, name);
const file = (name: string, init: TrackFile["init"] = null): TrackFile => ({
  ...{ name, file: path(name), weight: 1, reverse: false },
  init,
});
const becomes = (...expected: number[]) => expect.poll(() => values.map(([, value]) => value)).toEqual(expected);

describe("tracked files", () => {
  test("are read at once, and whenever they change, come, go or are replaced", async () => {
    tracker.configure([file("f")]);
    expect(values).toEqual([["f", 0]]);
    writeFileSync(path("f"), "5\n");
    await becomes(0, 5);
    writeFileSync(path("new"), "9");
    renameSync(path("new"), path("f"));
    await becomes(0, 5, 9);
    rmSync(path("f"));
    await becomes(0, 5, 9, 0);
    writeFileSync(path("f"), "-300");
    await becomes(0, 5, 9, 0, -300);
    expect(said).toEqual([]);
  });

  test("that are links follow what they lead to", async () => {
    for (const [name, text] of [
      ["one", "1"],
      ["two", "2"],
    ] as const) {
      mkdirSync(path(name));
      writeFileSync(path(`${name}/f`), text);
    }
    symlinkSync("one", path("current"));
    symlinkSync("current/f", path("f"));
    tracker.configure([file("f")]);
    writeFileSync(path("one/f"), "3");
    await becomes(1, 3);
    symlinkSync("two", path("next"));
    renameSync(path("next"), path("current"));
    await becomes(1, 3, 2);
    writeFileSync(path("two/f"), "4");
    await becomes(1, 3, 2, 4);
  });

  test("in a directory that comes later count as 0 until then", async () => {
    tracker.configure([file("later/f")]);
    expect(said).toEqual([expect.stringMatching(/^warning: track_file later\/f cannot be watched: ENOENT/)]);
    mkdirSync(path("later"));
    writeFileSync(path("later/f"), "7");
    await becomes(0, 7);
    rmSync(path("later"), { recursive: true });
    await becomes(0, 7, 0);
  });

  test("that cannot be read are said", () => {
    mkdirSync(path("f"));
    tracker.configure([file("f")]);
    expect(values).toEqual([["f", 0]]);
    expect(said).toEqual([expect.stringMatching(/^warning: track_file f counts as 0: EISDIR/)]);
  });

  test("are initialized when they are missing, or always", () => {
    writeFileSync(path("kept"), "1");
    writeFileSync(path("written"), "1");
    const five = { value: 5, overwrite: false };
    tracker.configure([file("kept", five), file("made", five), file("written", { value: 6, overwrite: true })]);
    expect(values).toEqual([
      ["kept", 1],
      ["made", 5],
      ["written", 6],
    ]);
    expect(readFileSync(path("made"), "utf8")).toBe("5\n");
    // A reload that keeps it does not write it again.
    writeFileSync(path("written"), "8");
    tracker.configure([file("written", { value: 6, overwrite: true })]);
    expect(readFileSync(path("written"), "utf8")).toBe("8");
  });

  test("that nobody watches any more are left alone", async () => {
    tracker.configure([file("f"), file("other")]);
    tracker.configure([file("other")]);
    writeFileSync(path("f"), "5");
    writeFileSync(path("other"), "6");
    await becomes(0, 0, 6);
  });
});
