import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadConfig } from "../load.ts";
import { loadIncluded } from "./load-included.ts";

const folder = mkdtempSync(join(tmpdir(), "lbctl-include-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const server = (host: number) => `real_server 10.0.0.${host} 80 {\n}\n`;

async function loaded(text: string) {
  const result = await loadConfig(fileWith("lb.conf", text));
  const diagnostics = result.ok ? result.warnings : result.diagnostics;
  return {
    hosts: result.ok ? result.model.virtualServers[0]?.realServers.map(({ destination }) => destination.address) : null,
    said: diagnostics.map(({ code, file, line }) => `${code} ${file.replace(`${folder}/`, "")}:${line}`),
  };
}

const inServer = (lines: string) => `virtual_server 192.0.2.1 80 {\n protocol TCP\n${lines}\n}\n`;

describe("includes", () => {
  test("files in the order of their names, relative to the file that includes them", async () => {
    fileWith("pool/b.inc", server(2));
    fileWith("pool/a.inc", `${server(1)}include sub/c.inc\n`);
    fileWith("pool/sub/c.inc", server(3));
    fileWith("pool/.hidden.inc", server(9));
    expect(await loaded(inServer("include pool/*.inc"))).toEqual({
      hosts: ["10.0.0.1", "10.0.0.3", "10.0.0.2"],
      said: [],
    });
    expect(await loaded(inServer(`$P=pool\ninclude \${P}/{b,a}.inc`))).toMatchObject({
      hosts: ["10.0.0.2", "10.0.0.1", "10.0.0.3"],
    });
    expect(await loaded(inServer(`include ${folder}/po?l/[b].inc`))).toMatchObject({ hosts: ["10.0.0.2"] });
  });

  test(`parameters of an included file count behind it, and \${_PWD} is where each file is`, async () => {
    fileWith("names/names.inc", `$HOST=7\n$HERE=\${_PWD}\nvirtualhost \${_PWD}\n`);
    const { hosts } = await loaded(inServer(`include names/names.inc\nreal_server 10.0.0.\${HOST} 80 {\n}`));
    expect(hosts).toEqual(["10.0.0.7"]);
    const result = await loadConfig(
      fileWith(
        "pwd.conf",
        inServer(
          `include names/names.inc\nreal_server 10.0.0.1 80 {\nvirtualhost \${HERE}\nHTTP_GET {\nurl {\npath /\n}\n}\n}`,
        ),
      ),
    );
    expect(JSON.stringify(result)).toContain(JSON.stringify(folder));
  });

  test("an error in an included file is there", async () => {
    fileWith("broken.inc", "\nwieght 1\n");
    expect(await loaded(inServer("quorm 1\ninclude broken.inc"))).toEqual({
      hosts: null,
      said: ["unknown-keyword lb.conf:3", "unknown-keyword broken.inc:2"],
    });
  });

  test("a file includes itself, by way of another name", async () => {
    fileWith("loop.inc", "include link.inc\n");
    symlinkSync(join(folder, "loop.inc"), join(folder, "link.inc"));
    const { said } = await loaded(inServer("include loop.inc"));
    expect(said.filter((each) => each.startsWith("include-loop"))).toHaveLength(1);
  });

  test("what a file changes of include_check ends with it", async () => {
    fileWith("checks.inc", "global_defs {\n include_check\n}\ninclude nothing-*\n");
    expect((await loaded(`include checks.inc\ninclude nothing-*\n${inServer(server(1))}`)).said).toEqual([
      "include-not-found checks.inc:4",
      "include-matched-nothing lb.conf:2",
    ]);
  });

  test("what is no text is said", async () => {
    fileWith("binary.inc", Uint8Array.of(0x7f, 0x45, 0));
    expect((await loaded(inServer(`include binary.inc\n${server(1)}`))).said).toEqual(["include-skipped lb.conf:3"]);
    expect(await loadIncluded({ directory: folder, pattern: "*/" })).toMatchObject([{ wildcard: true }]);
  });
});
