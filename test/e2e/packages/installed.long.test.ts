import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { start } from "../lbctl.ts";
import { checkout, installNpmPackage, makePackages, version } from "./made-package.ts";

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), "lbctl-installed-"));
const built = (name: string) => join(directory, name);
const sums = (name: string) => readFileSync(join(built(name), "SHA256SUMS"), "utf8");

const image = `lbctl-${version}-image-${process.arch === "x64" ? "amd64" : process.arch}.tar`;

beforeAll(() => makePackages(built("first"), [], { LBCTL_DEB_COMPRESSION: "none" }), 1_800_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("all that there is is made, the image too", async () => {
  const { stdout } = await run("sha256sum", ["--check", "SHA256SUMS"], { cwd: built("first") });
  const names = ["-1_amd64.deb", "-1_arm64.deb"].map((end) => `lbctl_${version}${end}`);
  const others = ["-linux-amd64.tar.gz", "-linux-arm64.tar.gz", ".tgz"].map((end) => `lbctl-${version}${end}`);
  const made = stdout.trim().split("\n");
  expect(made.toSorted()).toEqual([image, ...others, ...names].map((name) => `${name}: OK`).toSorted());
});

// Of the image container-image.long.test.ts says so.
test("a second build, by somebody with other habits and in another place, has the same checksums; what cannot be made is named", {
  timeout: 900_000,
}, async () => {
  const habits = { LBCTL_DEB_COMPRESSION: "none", TZ: "Asia/Tokyo", LC_ALL: "C.UTF-8", HOME: directory };
  const ended = await start("sh", ["-c", 'umask 077; exec sh "$0"', join(checkout, "scripts/package.sh")], {
    ...habits,
    LBCTL_PACKAGE_OUT: built("a second place"),
    LBCTL_IMAGE_BASE: "localhost/there-is-none",
  }).ended;
  expect(ended.status, ended.stderr).toBe(1);
  expect(ended.stderr).toMatch(/^package: not made, for what is said above: image\n$/m);
  const withoutImage = sums("first").replace(/^.*-image-.*\n/m, "");
  expect(sums("a second place")).toBe(withoutImage);
});

// The project's own tests, with the program that was installed in the place of the checkout's.
describe("what was installed passes the tests of the checkout, with the kernel's IPVS", () => {
  const passes = async (program: string) => {
    const vitest = join(checkout, "node_modules/.bin/vitest");
    const files = ["test/kernel/reload.test.ts", "test/e2e/vrrp-process.test.ts"];
    const ended = await start(vitest, ["run", "--project", "kernel", "--project", "system", ...files], {
      LBCTL_TEST_PROGRAM: program,
      LBCTL_TEST_LONG: "",
      VITEST: "",
    }).ended;
    expect(ended.status, ended.stdout + ended.stderr).toBe(0);
    expect(stripVTControlCharacters(ended.stdout)).toMatch(/Test Files +2 passed/);
  };

  test("the npm package; its demo, too", { timeout: 1_200_000 }, async () => {
    const program = await installNpmPackage(built("first"));
    expect(await start(program, ["demo", "--once"]).ended).toMatchObject({ status: 0 });
    await passes(program);
  });

  test("the archive, unpacked elsewhere and called through a link", { timeout: 1_200_000 }, async () => {
    const place = built("opt");
    mkdirSync(place);
    await run("tar", ["-xzf", join(built("first"), `lbctl-${version}-linux-amd64.tar.gz`), "-C", place]);
    const link = join(place, "lbctl");
    await run("ln", ["-s", join(place, `lbctl-${version}-linux-amd64/bin/lbctl`), link]);
    await passes(link);
  });
});
