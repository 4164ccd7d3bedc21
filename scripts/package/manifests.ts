import type { Manifest } from "./packages.ts";

/** package.json of the npm package: what the checkout's says to users, and its dependencies, which it brings along. */
export function programManifest(
  checkout: Manifest,
  packages: readonly Manifest[],
  manPages: readonly string[],
): Manifest {
  const { name, version, description, license, type, engines } = checkout;
  return {
    name,
    version,
    description,
    license,
    type,
    os: ["linux"],
    engines,
    bin: { lbctl: "bin/lbctl.cjs" },
    man: manPages.map((page) => `man/${page}`),
    dependencies: Object.fromEntries(packages.map((each) => [each.name, each.version])),
    bundleDependencies: packages.map((each) => each.name),
  } as Manifest;
}

/** package.json of a workspace inside it: the entries are JavaScript, all of its files are wanted, and npm builds nothing. */
export function bundledManifest(workspace: Manifest): Manifest {
  const { exports = {}, files: _, ...rest } = workspace;
  const entry = exports["."];
  if (entry === undefined) throw new Error(`${workspace.name}: no entry "." in exports`);
  return { ...rest, exports: { ".": entry.replace(/\.ts$/, ".js") }, gypfile: false } as Manifest;
}
