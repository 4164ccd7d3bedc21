import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const checkout = join(import.meta.dirname, "../../..");
const manifest = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { readonly version: string };
export const version = manifest.version;

/** Runs `npm run package` into `directory`; `changes` to its environment. */
export async function makePackages(
  directory: string,
  parts: readonly string[],
  changes: Readonly<Record<string, string>> = {},
): Promise<void> {
  const env = { ...process.env, LBCTL_PACKAGE_OUT: directory, ...changes };
  await run("sh", [join(checkout, "scripts/package.sh"), ...parts], { env });
}

/**
 * Installs the npm package of `directory` below it with the machine's npm, as on a machine of its own: no registry, no compiler, a
 * Node and nothing else on the PATH. Answers the path of a program that is lbctl with the Node of these tests.
 */
export async function installNpmPackage(directory: string): Promise<string> {
  const prefix = join(directory, "prefix");
  const machine = onlyNode(join(directory, "machine"), await find("node"));
  const runtime = onlyNode(join(directory, "runtime"), process.execPath);
  const words = ["install", "--global", "--offline", "--no-audit", "--no-fund", "--prefix", prefix];
  await run(await find("npm"), [...words, join(directory, `lbctl-${version}.tgz`)], {
    env: { PATH: machine, HOME: directory },
    cwd: directory,
  });
  const program = join(directory, "lbctl");
  writeFileSync(program, `#!/bin/sh\nPATH=${runtime}:$PATH exec ${join(prefix, "bin/lbctl")} "$@"\n`, { mode: 0o755 });
  return program;
}

/** Makes a directory for the PATH with the Node of these tests, and the machine's npm. Answers its path. */
export async function nodeAndNpm(path: string): Promise<string> {
  onlyNode(path, process.execPath);
  const npm = `#!/bin/sh\nPATH=${outsidePath()} exec ${await find("npm")} "$@"\n`;
  writeFileSync(join(path, "npm"), npm, { mode: 0o755 });
  return path;
}

/** A directory for the PATH that has this Node alone. */
function onlyNode(path: string, node: string): string {
  mkdirSync(path);
  symlinkSync(node, join(path, "node"));
  return path;
}

/** A program of the machine's, not the checkout's: npm works with the Node that it came with. */
async function find(program: string): Promise<string> {
  const { stdout } = await run("sh", ["-c", `command -v ${program}`], { env: { PATH: outsidePath() } });
  return stdout.trim();
}

/** The PATH without the checkout's own programs. */
function outsidePath(): string {
  return (process.env.PATH ?? "")
    .split(":")
    .filter((each) => !each.includes("node_modules"))
    .join(":");
}
