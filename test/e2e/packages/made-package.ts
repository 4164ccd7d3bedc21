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
 * Node and nothing else on the PATH. Answers the path of a program that is lbctl with that Node.
 */
export async function installNpmPackage(directory: string): Promise<string> {
  const path = join(directory, "path");
  const prefix = join(directory, "prefix");
  mkdirSync(path);
  symlinkSync(process.execPath, join(path, "node"));
  const { stdout } = await run("sh", ["-c", "command -v npm"], { env: { PATH: outsidePath() } });
  const words = ["install", "--global", "--offline", "--no-audit", "--no-fund", "--prefix", prefix];
  await run(stdout.trim(), [...words, join(directory, `lbctl-${version}.tgz`)], {
    env: { PATH: path, HOME: directory },
    cwd: directory,
  });
  const program = join(directory, "lbctl");
  writeFileSync(program, `#!/bin/sh\nPATH=${path}:$PATH exec ${join(prefix, "bin/lbctl")} "$@"\n`, { mode: 0o755 });
  return program;
}

/** The PATH without the checkout's own programs. */
function outsidePath(): string {
  return (process.env.PATH ?? "")
    .split(":")
    .filter((each) => !each.includes("node_modules"))
    .join(":");
}
