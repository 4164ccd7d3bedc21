import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const checkout = join(import.meta.dirname, "../..");

/** Versions of the .deb, in a directory of their own. */
export interface Packages {
  readonly directory: string;
  /** What this checkout makes, by file name. */
  readonly current: string;
  readonly version: string;
  /** The same with a higher version. */
  readonly next: string;
  readonly nextVersion: string;
  remove(): void;
}

/** Builds the .deb for this machine (a quarter of a minute), uncompressed, and one with a higher version and other default options. */
export async function buildPackages(): Promise<Packages> {
  const directory = mkdtempSync(join(tmpdir(), "lbctl-packages-"));
  const out = join(directory, "out");
  await run("sh", ["scripts/package.sh", "deb"], {
    LBCTL_PACKAGE_OUT: out,
    LBCTL_PACKAGE_ARCHITECTURES: "x64",
    LBCTL_DEB_COMPRESSION: "none",
  });
  const current = only(readdirSync(out).filter((name) => name.endsWith(".deb")));
  renameSync(join(out, current), join(directory, current));
  const version = manifestVersion(readFileSync(join(checkout, "package.json"), "utf8"));
  const nextVersion = version.replace(/\d+$/, (patch) => String(Number(patch) + 1));
  const next = current.replace(version, nextVersion);
  const tree = join(out, ".work/deb/x64");
  for (const file of ["DEBIAN/control", "usr/lib/lbctl/package.json"]) {
    const text = readFileSync(join(tree, file), "utf8");
    writeFileSync(join(tree, file), text.replace(version, nextVersion));
  }
  appendFileSync(join(tree, "etc/default/lbctl"), "# What is new in this version.\n");
  await run("dpkg-deb", ["--root-owner-group", "-Znone", "--build", tree, join(directory, next)]);
  rmSync(out, { recursive: true });
  return {
    directory,
    current,
    version,
    next,
    nextVersion,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

const execute = promisify(execFile);

/** A program's complaints are in what is thrown when it fails. */
async function run(
  program: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await execute(program, words, { cwd: checkout, env: { ...process.env, ...env } });
}

function manifestVersion(text: string): string {
  return (JSON.parse(text) as { readonly version: string }).version;
}

function only(names: readonly string[]): string {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) throw new Error(`not one .deb: ${names.join(" ")}`);
  return name;
}
