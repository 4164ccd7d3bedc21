import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildPackages, type Packages } from "../../service/packages.ts";
import { unpack } from "../../service/unpacked.ts";
import { start } from "../lbctl.ts";

// What the .deb installs, as this machine's man and shells find it: /usr with the files of the package in it.

const home = mkdtempSync(join(tmpdir(), "lbctl-home-"));
let packages: Packages;
let usr: string;

beforeAll(async () => {
  packages = await buildPackages();
  usr = unpack(packages, "usr");
}, 600_000);
afterAll(() => {
  packages?.remove();
  rmSync(home, { recursive: true, force: true });
});

const overlay = 'mount -t overlay -o "lowerdir=$0:/usr" overlay /usr && exec "$@"';
const installed = (...words: readonly string[]) =>
  start("unshare", ["--mount", "sh", "-c", overlay, usr, ...words], {
    ...{ PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: home, LC_ALL: "C.UTF-8", MANPAGER: "cat", MANPATH: "" },
  }).ended;

test("lintian finds nothing", { timeout: 600_000 }, async () => {
  // Compressed it is only for those who fetch it.
  const ours = ["control", "data"].map((part) => `uses-no-compression-for-${part}-tarball`).join(",");
  const words = ["--fail-on", "error,warning", "--suppress-tags", ours, join(packages.directory, packages.current)];
  const { status, stdout } = await start("lintian", words).ended;
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
});

test("man shows every page", { timeout: 300_000 }, async () => {
  const { stdout: help } = await installed("lbctl", "--help");
  const commands = [...help.matchAll(/^ {2}([a-z][a-z-]+) /gm)].map(([, name]) => `lbctl-${name}`);
  expect(commands.length).toBeGreaterThan(15);
  const pages = ["lbctl", "lbctl.conf", ...commands.filter((name) => name !== "lbctl-help")];
  const { status, stdout, stderr } = await installed("man", "--warnings", ...pages);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  for (const page of pages) expect(stdout).toContain(`${page.toUpperCase()}(${page === "lbctl.conf" ? 5 : 8})`);
});

describe("a tab completes a command", () => {
  test.each([
    ["bash", "source /usr/share/bash-completion/bash_completion", ["bash", "--norc", "--noprofile", "-i"]],
    ["zsh", "autoload -Uz compinit; compinit -D -u", ["zsh", "-f", "-i"]],
  ] as const)("in %s", { timeout: 180_000 }, async (_, setup, shell) => {
    const script = join(import.meta.dirname, "../complete.py");
    const ended = await installed("/usr/bin/python3", script, setup, "lbctl relo", "reload", ...shell);
    expect(ended).toMatchObject({ status: 0, stderr: "" });
  });

  test("in fish", { timeout: 180_000 }, async () => {
    expect(await installed("fish", "-c", "complete -C 'lbctl relo'")).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^reload\t/),
    });
  });
});
