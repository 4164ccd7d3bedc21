import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serviceKeyText } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import {
  checkEntries,
  creatingOperations,
  desiredEntries,
  entryCount,
  ipvsadmRules,
  keepalivedConfig,
  lbctlConfig,
} from "./sample-table.ts";

const table = { services: 300, firstWeight: 7 };

describe("the forms of the sample table say the same", () => {
  test("lbctl.yaml is valid and asks for it", async () => {
    const dir = mkdtempSync(join(tmpdir(), "sample-table-"));
    try {
      writeFileSync(join(dir, "lbctl.yaml"), lbctlConfig(table, 3600));
      const loaded = await loadConfig(join(dir, "lbctl.yaml"));
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics[0]));
      expect(loaded.warnings).toEqual([]);
      expect(loaded.model.globalDefs.reconcileIntervalMs).toBe(3_600_000);
      const entries = loaded.model.virtualServers.flatMap(({ services, realServers }) =>
        services.map((service) => ({ service, destinations: realServers.map(({ destination }) => destination) })),
      );
      expect(entries).toEqual(desiredEntries(table));
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test("ipvsadm's rules and the operations are as many as the entries", () => {
    expect(ipvsadmRules(table).trim().split("\n")).toHaveLength(entryCount(table));
    expect(creatingOperations(table)).toHaveLength(entryCount(table));
    expect(ipvsadmRules(table).split("\n").slice(0, 2)).toEqual([
      "-A -t 10.1.0.0:80 -s rr",
      "-a -t 10.1.0.0:80 -r 10.128.0.0:8080 -m -w 7",
    ]);
  });

  test("keepalived.conf has every block", () => {
    const text = keepalivedConfig(table);
    expect(text.match(/^virtual_server /gm)).toHaveLength(300);
    expect(text.match(/^ {2}real_server /gm)).toHaveLength(1200);
    expect(text.match(/weight 7/g)).toHaveLength(1);
  });
});

test("services are different ones, also beyond 65,536", () => {
  const keys = desiredEntries({ services: 66_000, firstWeight: 1 }).map(({ service }) => serviceKeyText(service.key));
  expect(new Set(keys).size).toBe(66_000);
});

test("checkEntries counts", () => {
  expect(() => checkEntries(table, [])).toThrow("0 entries, not 1500");
});
