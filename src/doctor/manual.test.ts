import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkIds, checksNamed, groupNames } from "./checks.ts";

const manual = readFileSync(join(import.meta.dirname, "../../docs/doctor.md"), "utf8");

test("docs/doctor.md has a row for every check, in order, and for nothing else", () => {
  const rows = [...manual.matchAll(/^\| (?:`(\w+)`)? ?\| `([\w-]+)` \|/gm)];
  expect(rows.map(([, , check]) => check)).toEqual(checkIds);
  expect(rows.flatMap(([, group]) => group ?? [])).toEqual(groupNames);
});

test("words of --only are checks and groups", () => {
  expect([...(checksNamed(["wire", "clock"]) ?? [])]).toEqual(["virtual-addresses", "virtual-routers", "clock"]);
  expect(checksNamed(["wire", "constructor"])).toBeNull();
});
