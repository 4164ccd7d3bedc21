import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { exitCodes } from "./exit-codes.ts";

const folder = mkdtempSync(join(tmpdir(), "lbctl-validate-"));
afterAll(() => rmSync(folder, { recursive: true }));

const good =
  "virtual_server: {address: 192.0.2.1, port: 80, protocol: TCP, real_server: {address: 10.0.0.1, port: 80}}\n";
const doubtful = "virtual_server: {address: 192.0.2.1, port: 80, protocol: TCP}\n";
const bad = "virtual_server: {address: 192.0.2.1, port: 80000, protocol: TCP}\n";

function fileWith(text: string): string {
  const file = join(folder, "lbctl.yaml");
  writeFileSync(file, text);
  return file;
}

/** Runs the command alone, as a program. */
async function run(command: "validate" | "schema", ...args: string[]) {
  const program = `
    import { ${command}Command } from ${JSON.stringify(new URL(`./${command}.ts`, import.meta.url).href)};
    await ${command}Command().parseAsync(process.argv.slice(1), { from: "user" });`;
  const options = { env: { ...process.env, NO_COLOR: "" } };
  return promisify(execFile)(process.execPath, ["--input-type=module", "-e", program, "--", ...args], options)
    .then(({ stdout, stderr }) => ({ status: 0, stdout, stderr }))
    .catch((error: { code: number; stdout: string; stderr: string }) => ({
      status: error.code,
      stdout: error.stdout,
      stderr: error.stderr,
    }));
}

describe("lbctl validate", () => {
  test("a valid file: one line and status 0", async () => {
    const file = fileWith(good);
    expect(await run("validate", "-f", file)).toEqual({
      status: exitCodes.ok,
      stdout: `${file}: valid, 1 virtual server, 1 real server\n`,
      stderr: "",
    });
  });

  test("a valid file with VRRP says how many instances", async () => {
    const text =
      "vrrp_instance: {name: a, interface: eth0, virtual_router_id: 5, priority: 9, virtual_ipaddress: 192.0.2.9/24}\n";
    const { stdout } = await run("validate", "--offline", "-f", fileWith(text));
    expect(stdout).toContain("valid, 1 VRRP instance, 0 virtual servers");
  });

  test("warnings: status 0, unless strict", async () => {
    const file = fileWith(doubtful);
    const lenient = await run("validate", "-f", file);
    expect(lenient).toMatchObject({ status: exitCodes.ok, stdout: "" });
    expect(lenient.stderr).toContain("warning[no-real-server]");
    expect(lenient.stderr).toContain("0 errors, 1 warning\n");
    expect(await run("validate", "--strict", "-f", file)).toMatchObject({ status: exitCodes.configInvalid });
  });

  test("lints: explained somewhere, those about this host only where it is, silenced by a comment", async () => {
    const text = `vrrp_script: [{name: chk, script: /no/such/program}]\n${good.replace("TCP,", "TCP, lvs_sched: sh,")}`;
    const online = await run("validate", "-f", fileWith(text));
    expect(online.stderr).toContain("warning[script-missing]: /no/such/program: /no does not exist\n");
    expect(online.stderr).toContain("      | docs/lints.md#hash-without-fallback\n");
    const offline = await run("validate", "--offline", "--json", "-f", fileWith(text));
    expect(JSON.parse(offline.stdout)).toMatchObject({
      warnings: 1,
      diagnostics: [{ code: "hash-without-fallback", link: "docs/lints.md#hash-without-fallback" }],
    });
    const silenced = `# lbctl: ignore-file=hash-without-fallback\n${good.replace("TCP,", "TCP, lvs_sched: sh,")}`;
    expect(await run("validate", "--strict", "-f", fileWith(silenced))).toMatchObject({ status: exitCodes.ok });
  });

  test("errors: on standard error, without colour into a pipe", async () => {
    const file = fileWith(bad);
    const { status, stdout, stderr } = await run("validate", "-f", file);
    expect({ status, stdout }).toEqual({ status: exitCodes.configInvalid, stdout: "" });
    expect(stderr).toContain(`${file}:1:44: error[out-of-range]: port is "80000", expected a port from 1 to 65535\n`);
    expect(stderr).not.toContain("\u001b");
  });

  test("a missing file is an error of its own", async () => {
    const { status, stderr } = await run("validate", "-f", join(folder, "absent.yaml"));
    expect(status).toBe(exitCodes.configUnreadable);
    expect(stderr).toContain("error[file-not-found]");
  });

  test("JSON goes to standard output, with the same status", async () => {
    const file = fileWith(bad);
    const { status, stdout, stderr } = await run("validate", "--json", "-f", file);
    expect({ status, stderr }).toEqual({ status: exitCodes.configInvalid, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      file,
      valid: false,
      errors: 1,
      warnings: 0,
      diagnostics: [
        {
          code: "out-of-range",
          severity: "error",
          file,
          line: 1,
          column: 44,
          endColumn: 49,
          expected: "a port from 1 to 65535",
        },
      ],
    });
  });

  test("an unknown option is a wrong call", async () => {
    expect((await run("validate", "--fast")).status).not.toBe(exitCodes.ok);
  });
});

describe("lbctl schema", () => {
  test("prints a JSON Schema", async () => {
    const { status, stdout } = await run("schema");
    expect(status).toBe(exitCodes.ok);
    expect(JSON.parse(stdout)).toMatchObject({
      title: "lbctl configuration",
      type: "object",
      additionalProperties: false,
    });
  });
});
