import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createLogger } from "../../log/logger.ts";
import { setCorePattern } from "./core-dump.ts";

test("after an upgrade the pattern stays, and the last director restores what the first one found", () => {
  const directory = mkdtempSync(join(tmpdir(), "lbctl-core-"));
  const file = join(directory, "core_pattern");
  writeFileSync(file, "core\n");
  const log = createLogger({ sink: () => {}, role: "x", level: { severity: "info" }, nowEpochMs: () => 0 });
  const first = setCorePattern("core.%p", log, null, file);
  const second = setCorePattern("core.%p", log, first.before, file);
  const third = setCorePattern("core.%p", log, second.before, file);
  expect(readFileSync(file, "utf8")).toBe("core.%p");
  third.restore();
  expect(readFileSync(file, "utf8")).toBe("core\n");
  rmSync(directory, { recursive: true });
});

test("the pattern is set, and restored as it was; where that is not possible it is said", () => {
  const directory = mkdtempSync(join(tmpdir(), "lbctl-core-"));
  const said: string[] = [];
  const sink = ({ message }: { readonly message: string }) => void said.push(message);
  const log = createLogger({ sink, role: "x", level: { severity: "info" }, nowEpochMs: () => 0 });
  const file = join(directory, "core_pattern");
  writeFileSync(file, "|/usr/lib/systemd/systemd-coredump %P\n");
  const { restore } = setCorePattern("core.%p", log, null, file);
  expect(readFileSync(file, "utf8")).toBe("core.%p");
  restore();
  expect(readFileSync(file, "utf8")).toBe("|/usr/lib/systemd/systemd-coredump %P\n");
  expect(said).toEqual([]);
  setCorePattern("core", log, null, join(directory, "missing", "x")).restore();
  expect(said).toEqual([expect.stringContaining("cannot be set: ENOENT")]);
  rmSync(directory, { recursive: true });
});
