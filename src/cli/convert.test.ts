import { execFile } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exitCodes } from "./exit-codes.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lbctl-convert-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const conf = "! web\nvirtual_server 192.0.2.1 80 {\n  protocol TCP\n  real_server 10.0.0.1 80 {\n  }\n}\n";
const yaml = `virtual_server:
  # web
  - address: 192.0.2.1
    port: 80
    protocol: TCP
    real_server:
      - address: 10.0.0.1
        port: 80
`;

function fileWith(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function run(...args: string[]) {
  const main = new URL("./main.ts", import.meta.url).pathname;
  const options = { env: { ...process.env, NO_COLOR: "" } };
  return promisify(execFile)(process.execPath, [main, "convert", ...args], options)
    .then(({ stdout, stderr }) => ({ status: 0, stdout, stderr }))
    .catch((error: { code: number; stdout: string; stderr: string }) => ({
      status: error.code,
      stdout: error.stdout,
      stderr: error.stderr,
    }));
}

describe("lbctl convert", () => {
  test("to standard output, whatever the name of the file", async () => {
    const file = fileWith("keepalived.conf.old", conf);
    expect(await run(file)).toEqual({ status: exitCodes.ok, stdout: yaml, stderr: "" });
  });

  test("to a file that those may read who may read the source; one that exists is replaced with --force only", async () => {
    const file = fileWith("lb.conf", conf);
    chmodSync(file, 0o640);
    const output = join(folder, "lb.yaml");
    expect(await run(file, "-o", output)).toEqual({ status: exitCodes.ok, stdout: "", stderr: "" });
    expect(readFileSync(output, "utf8")).toBe(yaml);
    expect(statSync(output).mode & 0o777).toBe(0o640);
    writeFileSync(output, "mine\n");
    const refused = await run(file, "-o", output);
    expect(refused).toMatchObject({ status: exitCodes.failed, stdout: "" });
    expect(refused.stderr).toContain("--force");
    expect(readFileSync(output, "utf8")).toBe("mine\n");
    expect(await run(file, "-o", output, "--force")).toMatchObject({ status: exitCodes.ok });
    expect(readFileSync(output, "utf8")).toBe(yaml);
    expect(readdirSync(folder).sort()).toEqual(["lb.conf", "lb.yaml"]);
  });

  test("with errors: what validate says, its status, and nothing is written", async () => {
    const file = fileWith("lb.conf", conf.replace("protocol TCP", "protocol TCQ"));
    const output = join(folder, "lb.yaml");
    const { status, stdout, stderr } = await run(file, "-o", output);
    expect({ status, stdout }).toEqual({ status: exitCodes.configInvalid, stdout: "" });
    expect(stderr).toContain(`${file}:3:12: error[invalid-value]`);
    expect(stderr).toContain("1 error, nothing was written");
    expect(readdirSync(folder)).toEqual(["lb.conf"]);
  });

  test("what cannot be: no file, YAML, onto itself, onto a directory or a link to one, nowhere", async () => {
    const file = fileWith("lb.conf", conf);
    symlinkSync(folder, join(folder, "link"));
    const status = async (...args: string[]) => (await run(...args)).status;
    expect(await status(join(folder, "absent.conf"))).toBe(exitCodes.configUnreadable);
    expect(await status(fileWith("lb.yaml", yaml))).toBe(exitCodes.usage);
    expect(await status(file, "-o", file, "--force")).toBe(exitCodes.usage);
    expect(await status(file, "-o", join(folder, "link"), "--force")).toBe(exitCodes.failed);
    expect(await status(file, "-o", "/dev/null", "--force")).toBe(exitCodes.failed);
    expect(await status(file, "-o", join(folder, "none", "lb.yaml"))).toBe(exitCodes.failed);
    expect(readFileSync(file, "utf8")).toBe(conf);
  });

  test("for a configuration id; what is only seen in the source is said", async () => {
    const lines = "@one router_id first\n@two router_id second\nrouter_id last\n";
    const { status, stdout, stderr } = await run("-i", "two", fileWith("lb.conf", `global_defs {\n${lines}}\n`));
    expect(status).toBe(exitCodes.ok);
    expect(stdout).toContain('# - lines with @ are those for the configuration id "two"');
    expect(stdout).toContain("router_id: last");
    expect(stderr).toContain("warning[overridden-keyword]");
  });
});
