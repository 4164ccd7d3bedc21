import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { start } from "../lbctl.ts";
import { arm64Root, buildHost, type Target, targets } from "./foreign-machines.ts";
import { checkout, makePackages, version } from "./made-package.ts";

const directory = mkdtempSync(join(tmpdir(), "lbctl-foreign-"));
const out = join(directory, "dist");
const addon = (arch: string) => join(out, ".work/addons", `linux-${arch}.node`);
const names = ["glibc on x86-64", "musl on x86-64", "glibc on arm64", "musl on arm64"];
let all: readonly Target[];

beforeAll(async () => {
  for (const [program, name] of [
    ["qemu-aarch64-static", "qemu-user-static"],
    ["musl-gcc", "musl-tools"],
  ] as const) {
    execFileSync("sh", ["-c", `command -v ${program} || apt-get install -y --no-install-recommends ${name}`]);
  }
  await makePackages(out, ["archive"]);
  all = await targets(directory);
}, 900_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

// No Node that is built with musl can be had from Debian or npm: a program of ours stands for it.
describe("one addon for each architecture, whatever the C library", () => {
  test.for(names)("%s: it loads, opens a netlink socket and reads the kernel's links", async (name) => {
    const target = all.find((each) => each.name === name) as Target;
    const file = addon(target.arch);
    const program = await buildHost(target, file, join(directory, name.replaceAll(" ", "-")));
    const [command = program, ...words] = [...target.runner, program, file];
    const { status, stdout, stderr } = await start(command, words).ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.trim().split("\n")).toHaveLength(11);
    expect(stdout).not.toContain("failed");
  });
});

describe("the archive for arm64, emulated", () => {
  const lib = join(out, `.work/archive/lbctl-${version}-linux-arm64/lib/lbctl`);
  const node = (...words: readonly string[]) =>
    start("qemu-aarch64-static", ["-L", arm64Root, join(lib, "node"), ...words]).ended;

  test("lbctl starts and checks a configuration", async () => {
    const main = join(lib, "src/cli/main.js");
    expect(await node(main, "--version")).toMatchObject({ status: 0, stdout: `lbctl ${version}\n` });
    expect(await node(main, "validate", "-f", join(checkout, "examples/minimal.yaml"))).toMatchObject({ status: 0 });
  });

  test("its addon, in its Node, speaks rtnetlink; the emulator has no generic netlink", async () => {
    const ask = `const { native } = await import(${JSON.stringify(join(lib, "node_modules/ipvs-netlink/src/native.js"))});
      const n = native(), fd = n.socket(16, 3, 0), info = new Int32Array(12), data = new Uint8Array(65536);
      const request = new Uint8Array(32); request.set([32, 0, 0, 0, 18, 0, 1, 3, 7]);
      console.log(JSON.stringify([process.arch, n.sendmsg(fd, request, null, 0), n.recvmmsg(fd, data, 4, info, null, 0x40) > 0, data[4], n.socket(16, 3, 16)]));`;
    const { status, stdout } = await node("--input-type=module", "-e", ask);
    // 16 is RTM_NEWLINK, -93 EPROTONOSUPPORT.
    expect({ status, answer: JSON.parse(stdout) }).toEqual({ status: 0, answer: ["arm64", 32, true, 16, -93] });
  });
});
