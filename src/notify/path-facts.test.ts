import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findOnPath, pathFacts } from "./path-facts.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "lbctl-facts-"));
  mkdirSync(join(root, "real"));
  writeFileSync(join(root, "real/check"), "", { mode: 0o755 });
  chmodSync(join(root, "real"), 0o770);
  writeFileSync(join(root, "real/notes"), "", { mode: 0o644 });
  symlinkSync("real", join(root, "link"));
  symlinkSync(join(root, "link/check"), join(root, "absolute"));
  symlinkSync("loop", join(root, "loop"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function paths(path: string): string[] {
  return pathFacts(path).map((fact) => fact.path.replace(root, "R"));
}

test("every part, from the root to the end, through links", () => {
  expect(paths(join(root, "real/check")).slice(-3)).toEqual(["R", "R/real", "R/real/check"]);
  expect(paths(join(root, "absolute")).slice(-3)).toEqual(["R", "R/real", "R/real/check"]);
  expect(paths(join(root, "link/../real/check")).at(-1)).toBe("R/real/check");
  const [real, check] = pathFacts(join(root, "link/check")).slice(-2);
  expect(real).toMatchObject({ kind: "directory", mode: 0o770, uid: process.getuid?.() });
  expect(check).toMatchObject({ kind: "file", mode: 0o755 });
});

test("what is missing, and a link that leads to itself", () => {
  expect(pathFacts(join(root, "link/none/more")).at(-1)).toMatchObject({
    kind: "missing",
    path: join(root, "real/none"),
  });
  expect(pathFacts(join(root, "loop")).at(-1)).toMatchObject({ kind: "missing" });
});

test("programs by name: executable files in absolute directories only", () => {
  const searchPath = `.:${join(root, "none")}:${join(root, "real")}`;
  expect(findOnPath("check", searchPath)).toBe(join(root, "real/check"));
  expect(findOnPath("notes", searchPath)).toBeNull();
  expect(findOnPath("..", searchPath)).toBeNull();
});
