import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { defaultConfigFile, isThereAtAll, keepalivedConfigFile, ownConfigFile } from "./default-file.ts";

test.each([
  { there: [ownConfigFile, keepalivedConfigFile], taken: ownConfigFile },
  { there: [ownConfigFile], taken: ownConfigFile },
  { there: [keepalivedConfigFile], taken: keepalivedConfigFile },
  { there: [], taken: ownConfigFile },
])("of $there it is $taken", ({ there, taken }) => {
  expect(defaultConfigFile((file) => there.includes(file))).toBe(taken);
});

test("what may not be looked at is there, and a link that leads nowhere is not", () => {
  const folder = mkdtempSync(join(tmpdir(), "lbctl-default-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  writeFileSync(at("file"), "");
  symlinkSync("nowhere", at("link"));
  // Whoever asks cannot follow it (ELOOP), as in a directory that is closed to him.
  symlinkSync("loop", at("loop"));
  mkdirSync(at("directory"));
  const seen = ["file", "directory", "loop", "link", "absent", "file/below"].filter((name) => isThereAtAll(at(name)));
  expect(seen).toEqual(["file", "directory", "loop"]);
});
