import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../../src/demo/free-port.ts";
import { DirectorNode, start, until } from "../lbctl.ts";
import { virtualServer } from "../virtual-server.ts";
import { share, WebServer } from "../web-servers.ts";
import { checkout, installNpmPackage, makePackages, version } from "./made-package.ts";

const directory = mkdtempSync(join(tmpdir(), "lbctl-npm-"));
const installed = join(directory, "prefix/lib/node_modules/lbctl");
let program: string;

beforeAll(async () => {
  await makePackages(directory, ["npm"], { LBCTL_PACKAGE_ARCHITECTURES: process.arch });
  program = await installNpmPackage(directory);
}, 600_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const lbctl = (...words: readonly string[]) => start(program, words).ended;

test("the npm package has what runs, and no tests", async () => {
  expect(await lbctl("--version")).toEqual({ status: 0, stdout: `lbctl ${version}\n`, stderr: "" });
  const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
  expect(files.filter((file) => /\.(?:ts|map)$|\.test\.js$|\/testing\//.test(file))).toEqual([]);
  for (const each of [
    "THIRD-PARTY-NOTICES",
    "LICENSE",
    "man/lbctl.8",
    "examples/minimal.yaml",
    "src/web/page/page.html",
  ])
    expect(files).toContain(each);
});

test("a Node that is too old is told so in two lines", async () => {
  // As that Node would see itself; it is the launcher's words that are read here, not an old Node's.
  const old = `Object.defineProperty(process.versions, "node", { value: "20.20.2" }); require(${JSON.stringify(join(installed, "bin/lbctl.cjs"))});`;
  const { status, stderr } = await start(process.execPath, ["-e", old]).ended;
  expect(status).toBe(1);
  expect(stderr).toMatch(/^lbctl: this is Node.js 20.20.2 \(.*\); lbctl needs 22.19 or newer.\n.*\n$/);
});

test("every command starts: nothing that it imports was left out", async () => {
  const { stdout } = await lbctl("--help");
  const commands = [...stdout.matchAll(/^ {2}([a-z][a-z-]+) /gm)].map(([, name]) => name as string);
  expect(commands.length).toBeGreaterThan(15);
  const { status, stdout: valid } = await lbctl("validate", "-f", join(checkout, "examples/minimal.yaml"));
  expect({ status, valid }).toEqual({ status: 0, valid: expect.stringContaining("valid, 1 virtual server") });
});

test("the daemon, its processes and the commands that ask it, from the package", async () => {
  const node = new DirectorNode();
  const web = await WebServer.start("web1");
  const port = await freePort();
  node.configure({ virtual_server: [virtualServer("web", port, [web])] });
  const place = ["--run-dir", node.runDir];
  const running = start(program, ["run", "-f", node.configFile, "--dataplane", "userspace", ...place]);
  try {
    await until("it is ready", () => running.stderr().includes("ready: "), running.stderr);
    const up = async () => (await node.status()).virtual_servers[0]?.real_servers[0]?.state === "up";
    await until("web1 is up", up, running.stderr);
    expect(await share(port, 3)).toEqual({ web1: 3 });
    const status = await lbctl("status", ...place);
    expect(status).toMatchObject({ status: 0, stdout: expect.stringContaining("HTTP_GET ok") });
    running.signal("SIGTERM");
    expect(await running.ended).toMatchObject({ status: 0 });
  } finally {
    running.signal("SIGKILL");
    await running.ended;
    await node.close();
    await web.stop();
  }
});

test("the addon of the package speaks with the kernel; without it the error names what is there", async () => {
  const addons = join(installed, "node_modules/ipvs-netlink/prebuilds");
  expect(readdirSync(addons)).toEqual([`linux-${process.arch}.node`]);
  const ask = `const { native } = await import(${JSON.stringify(join(installed, "node_modules/ipvs-netlink/src/native.js"))});
    const fd = native().socket(16, 3, 16); console.log(fd > 0 && native().bind(fd, new Uint8Array([16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])));`;
  const loaded = () => start(process.execPath, ["--input-type=module", "-e", ask]).ended;
  expect(await loaded()).toEqual({ status: 0, stdout: "0\n", stderr: "" });
  renameSync(join(addons, `linux-${process.arch}.node`), join(addons, "linux-mips.node"));
  expect((await loaded()).stderr).toContain(
    `the native addon of ipvs-netlink is there for mips, not for ${process.arch}: with a C compiler`,
  );
  expect(existsSync(join(installed, "node_modules/ipvs-netlink/binding.gyp"))).toBe(true);
});
