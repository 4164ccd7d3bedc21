import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfig } from "./load.ts";
import { lookAtHost } from "./look-at-host.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "lbctl-host-")));
const script = join(folder, "script");
const file = join(folder, "lb.conf");
beforeAll(() => {
  chmodSync(folder, 0o755);
  writeFileSync(script, "#!/bin/sh\n");
  chmodSync(script, 0o666);
  const password = "authentication {\n auth_type PASS\n auth_pass secret\n }";
  const instance = `vrrp_instance VI_1 {\n interface lo\n virtual_router_id 51\n priority 100\n ${password}`;
  const unicast =
    "unicast_src_ip 192.0.2.254\n unicast_peer {\n 192.0.2.253\n }\n virtual_ipaddress {\n 192.0.2.9/24\n }";
  writeFileSync(file, `${instance}\n ${unicast}\n notify ${script} root\n}\n`);
  chmodSync(file, 0o644);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function codesOf(offline: boolean): Promise<string[]> {
  const result = await loadConfig(file, { offline });
  return (result.ok ? result.warnings : result.diagnostics).map(({ code }) => code);
}

describe("looking at this host", () => {
  test("interfaces, programs, users and files, as far as they are there", async () => {
    const questions = { programs: ["sh", "no-such-program", "/no/such", script], users: ["root", "no-such-user"] };
    const facts = await lookAtHost({ ...questions, files: [file, join(folder, "absent")], keyFiles: [] });
    expect(facts.addresses).toContainEqual({ interface: "lo", address: "127.0.0.1", prefixLength: 8 });
    expect(facts.programs.sh?.at(-1)).toMatchObject({ kind: "file", uid: 0 });
    expect(facts.programs["no-such-program"]).toBeNull();
    expect(facts.programs["/no/such"]?.at(-1)).toMatchObject({ path: "/no", kind: "missing" });
    expect(facts.programs[script]?.at(-1)).toMatchObject({ path: script, mode: 0o666 });
    expect(facts.users.root).toMatchObject({ uid: 0 });
    expect(facts.users["no-such-user"]).toBeNull();
    expect(facts.fileModes).toEqual({ [file]: 0o644 });
  });

  test("files of keys", async () => {
    const [good, short, hex, absent] = ["good", "short", "hex", "absent"].map((name) =>
      join(folder, `${name}.key`),
    ) as [string, string, string, string];
    writeFileSync(good, `${"k".repeat(40)}\n`, { mode: 0o600 });
    writeFileSync(short, "secret\n");
    writeFileSync(hex, "hex:0g\n");
    const keyFiles = [good, short, hex, absent, folder];
    const facts = await lookAtHost({ programs: [], users: [], files: [], keyFiles });
    expect(facts.keyFiles).toEqual({
      [good]: { mode: 0o600 },
      [short]: { problem: "what it holds has not 32 to 64 octets" },
      [hex]: { problem: 'what follows "hex:" in it is not pairs of hexadecimal digits' },
      [absent]: { problem: "there is no such file" },
      [folder]: { problem: expect.stringContaining("EISDIR") },
    });
    expect(JSON.stringify(facts)).not.toContain("secret");
  });

  test("what the lints make of it, and what is left of that offline", async () => {
    const offline: string[] = [];
    expect(await codesOf(true)).toEqual(offline);
    const host = ["password-readable", "unicast-source-missing", "script-not-executable", "script-writable"];
    expect((await codesOf(false)).toSorted()).toEqual([...offline, ...host].toSorted());
  });
});
