// usage: node scripts/package/program-tree.ts DIRECTORY
// Writes lbctl as JavaScript, with every package that it needs at run time: what the npm package and the others are made of.
// Only what src/cli/main.ts reaches is in it, so tests and what serves them stay out. Man pages that are there already are named.
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { compileModule } from "./compile-module.ts";
import { bundledManifest, programManifest } from "./manifests.ts";
import { type Notice, noticeOf, noticesText } from "./notices.ts";
import { type Manifest, packagesFor } from "./packages.ts";

const root = join(import.meta.dirname, "../..");
const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error("usage: program-tree.ts DIRECTORY");
const target = directory;

const manifest = manifestOf(root);
const workspaces = new Map(
  ["ipvs", "checkers"].map((folder) => [manifestOf(join(root, folder)).name, folder] as const),
);
const packages = packagesFor(
  manifest,
  (name) => manifestOf(join(root, "node_modules", name)),
  new Set(workspaces.keys()),
);

for (const [path, code] of compiledProgram()) {
  write(placeOf(path), code);
  // A module that asks where it is may read what lies beside it: the web page's parts.
  if (code.includes("import.meta")) copyBeside(posix.dirname(path));
}
for (const [name, folder] of workspaces) {
  const place = join("node_modules", name);
  write(join(place, "package.json"), json(bundledManifest(manifestOf(join(root, folder)))));
  copy(join(folder, "README.md"), join(place, "README.md"));
  copy("LICENSE", join(place, "LICENSE"));
}
copy("ipvs/native", "node_modules/ipvs-netlink/native");
copy("ipvs/binding.gyp", "node_modules/ipvs-netlink/binding.gyp");
const notices: Notice[] = [];
for (const name of packages.filter((each) => !workspaces.has(each))) {
  const place = join("node_modules", name);
  // Two versions of one package: the tree here has one place for each name.
  if (existsSync(join(root, place, "node_modules"))) throw new Error(`${name} has packages of its own`);
  for (const file of filesOf(join(root, place)).filter(isNeeded)) copy(join(place, file), join(place, file));
  notices.push(noticeOf(manifestOf(join(root, place)), licenceText(join(root, place))));
}
write("THIRD-PARTY-NOTICES", noticesText(notices));
for (const each of ["LICENSE", "README.md", "CHANGELOG.md", "man", "examples"]) copy(each, each);
const bundled = packages.map((name) => manifestOf(join(root, "node_modules", name)));
const manPages = readdirSync(join(target, "man")).toSorted();
write("package.json", json(programManifest(manifest, bundled, manPages)));
copy("packaging/npm/lbctl.cjs", "bin/lbctl.cjs");
chmodSync(join(target, "bin/lbctl.cjs"), 0o755);
console.log(`${packages.length} packages, ${filesOf(target).length} files`);

/** Path in the checkout and JavaScript of every module that the program reaches. */
function compiledProgram(): Map<string, string> {
  const compiled = new Map<string, string>();
  const waiting = ["src/cli/main.ts"];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (compiled.has(path)) continue;
    const folder = posix.dirname(path);
    const { code, names } = compileModule(path, readFileSync(join(root, path), "utf8"), (name) =>
      existsSync(join(root, folder, name)),
    );
    compiled.set(path, code);
    for (const name of names) {
      if (name.endsWith(".ts")) waiting.push(posix.join(folder, name));
      else if (workspaces.has(name)) waiting.push(`${workspaces.get(name)}/src/index.ts`);
      else if (!isKnown(name)) throw new Error(`${path}: ${name} is not a dependency of the package`);
    }
  }
  return compiled;
}

function isKnown(name: string): boolean {
  if (name.startsWith("node:") || name.endsWith(".json")) return true;
  return packages.some((each) => name === each || name.startsWith(`${each}/`));
}

/** Copies the files of a folder of ours that are no TypeScript, and serve no test. */
function copyBeside(folder: string): void {
  const files = filesOf(join(root, folder)).filter((file) => !/\.ts$|(?:^|\/)(?:fixtures|pairs|testing)\//.test(file));
  for (const file of files) copy(posix.join(folder, file), placeOf(posix.join(folder, file)));
}

function placeOf(path: string): string {
  const compiledName = path.replace(/\.ts$/, ".js");
  for (const [name, folder] of workspaces) {
    if (path.startsWith(`${folder}/`)) return join("node_modules", name, relative(folder, compiledName));
  }
  return compiledName;
}

/** What Node reads, and licences: no declarations, source maps or sources of other languages. */
function isNeeded(file: string): boolean {
  return /\.(?:c?js|mjs|json|wasm)$/.test(file) || /(?:^|\/)(?:licen[cs]e|notice|copying)[^/]*$/i.test(file);
}

function licenceText(folder: string): string {
  const name = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (name === undefined) throw new Error(`${folder}: no licence to hand on`);
  return readFileSync(join(folder, name), "utf8");
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(target, path)), { recursive: true });
  writeFileSync(join(target, path), text);
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(join(target, to)), { recursive: true });
  cpSync(join(root, from), join(target, to), { recursive: true });
}
