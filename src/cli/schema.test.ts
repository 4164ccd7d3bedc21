import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const main = fileURLToPath(new URL("main.ts", import.meta.url));

function schema(...options: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "schema", ...options], { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("lbctl schema", () => {
  test("--keywords --json lists every keyword with its support and, where it does not work, the reason", () => {
    const { status, stdout, stderr } = schema("--keywords", "--json");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const rows = JSON.parse(stdout) as { block: string; keyword: string; support: string; reason: string | null }[];
    expect(rows).toContainEqual({ block: "virtual_server", keyword: "quorum", support: "works", reason: null });
    expect(rows).toContainEqual({
      block: "global_defs",
      keyword: "enable_snmp_vrrp",
      support: "not_yet",
      reason: "this version has no SNMP agent",
    });
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(["block", "keyword", "support", "reason"]);
      expect(["works", "not_yet", "no_effect", "refused"]).toContain(row.support);
      expect(row.reason === null).toBe(row.support === "works");
    }
  });

  test("--keywords is the same for people and for awk", () => {
    const { stdout } = schema("--keywords");
    expect(stdout).toContain("virtual_server\tquorum\tworks\t\n");
    expect(stdout).toContain("global_defs\tenable_snmp_vrrp\tnot_yet\tthis version has no SNMP agent\n");
  });

  test("--json alone is a wrong call, and says what is right", () => {
    const { status, stdout, stderr } = schema("--json");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("--json belongs to --keywords");
  });
});
