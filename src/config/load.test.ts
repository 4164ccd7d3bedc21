import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadConfig } from "./load.ts";

const folder = mkdtempSync(join(tmpdir(), "lbctl-load-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function refusalOf(path: string) {
  const result = await loadConfig(path);
  if (result.ok) throw new Error("accepted");
  return result.diagnostics[0];
}

const minimal =
  "virtual_server: {address: 192.0.2.1, port: 80, protocol: TCP, real_server: {address: 10.0.0.1, port: 80}}\n";

describe("loading", () => {
  test("a valid file gives its model", async () => {
    const result = await loadConfig(fileWith("good.yaml", minimal));
    expect(result).toMatchObject({ ok: true, warnings: [], model: { virtualServers: [{ name: "TCP 192.0.2.1:80" }] } });
  });

  test("a byte order mark and Windows line ends do not matter", async () => {
    const result = await loadConfig(fileWith("windows.yaml", `\ufeff${minimal.replaceAll("\n", "\r\n")}`));
    expect(result).toMatchObject({ ok: true });
    const broken = await refusalOf(fileWith("windows-broken.yaml", "\ufeffvirtual_sever: 1\r\n"));
    expect(broken).toMatchObject({ code: "unknown-keyword", line: 1, column: 1, excerpt: "virtual_sever: 1" });
  });

  test("no file", async () => {
    expect(await refusalOf(join(folder, "absent.yaml"))).toMatchObject({ code: "file-not-found", line: 0 });
    expect(await refusalOf(join(fileWith("file", "x"), "below.yaml"))).toMatchObject({ code: "file-not-found" });
  });

  test("a directory, a device", async () => {
    mkdirSync(join(folder, "dir.yaml"));
    expect(await refusalOf(join(folder, "dir.yaml"))).toMatchObject({ code: "not-a-file" });
    expect(await refusalOf("/dev/zero")).toMatchObject({ code: "not-a-file" });
  });

  test("a file that may not be read", async () => {
    const path = fileWith("secret.yaml", minimal);
    chmodSync(path, 0);
    const uid = process.geteuid?.() ?? 0;
    // Root reads everything: give up the privilege for this test.
    chmodSync(folder, 0o755);
    if (uid === 0) process.seteuid?.(65534);
    try {
      expect(await refusalOf(path)).toMatchObject({ code: "file-unreadable" });
    } finally {
      if (uid === 0) process.seteuid?.(0);
    }
  });

  test("binary and other encodings", async () => {
    expect(await refusalOf(fileWith("elf", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 1)))).toMatchObject({
      code: "not-text",
    });
    expect(await refusalOf(fileWith("latin1.yaml", Uint8Array.of(0x23, 0xe9, 0x0a)))).toMatchObject({
      code: "not-text",
    });
  });

  test.each(["", "\n\n", "# only a comment", "---\n", "\ufeff\n"])("nothing in it: %j", async (text) => {
    expect(await refusalOf(fileWith("empty.yaml", text))).toMatchObject({ code: "empty-file" });
  });
});

describe("the language of a file", () => {
  const conf = "virtual_server 192.0.2.1 80 {\n protocol TCP\n real_server 10.0.0.1 80 {\n }\n}\n";

  test("by the end of its name, else by what stands in it", async () => {
    for (const name of ["lb.conf", "LB.CONF", "lb", "keepalived.conf.new"])
      expect(await loadConfig(fileWith(name, conf))).toMatchObject({ ok: true });
    for (const name of ["lb.yml", "lb2", "lb.txt"])
      expect(await loadConfig(fileWith(name, minimal))).toMatchObject({ ok: true });
    expect(await refusalOf(fileWith("wrong.yaml", conf))).toMatchObject({ code: "yaml-syntax", line: 1 });
    expect(await refusalOf(fileWith("wrong.conf", `# YAML\nvirtual_server:\n${minimal}`))).toMatchObject({
      code: "keepalived-syntax",
      line: 2,
    });
  });

  test.each(["", "! only a remark\n", "# one\n\n! two\n"])("nothing in a keepalived.conf: %j", async (text) => {
    expect(await refusalOf(fileWith("empty.conf", text))).toMatchObject({ code: "empty-file" });
  });

  test("the configuration id decides on lines with @", async () => {
    const file = fileWith("id.conf", conf.replace(" protocol", " @lb1 quorum 2\n @^lb1 quorum 1\n protocol"));
    expect(await loadConfig(file, { configId: "lb1" })).toMatchObject({ warnings: [{ code: "quorum-unreachable" }] });
    expect(await loadConfig(file, { configId: "lb2" })).toMatchObject({ warnings: [] });
  });
});
