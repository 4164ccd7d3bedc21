import { readdir, readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { sourceOf } from "../source.ts";
import { decodeText } from "../text.ts";
import { componentMatcher, expandBraces, hasWildcard } from "./glob.ts";
import type { IncludedFile, IncludeMatch, IncludeRequest } from "./include.ts";

/** Looks up what an include line names, and reads it. Files in the order of their names. */
export async function loadIncluded({ directory, pattern }: IncludeRequest): Promise<readonly IncludeMatch[]> {
  const alternatives = expandBraces(pattern);
  return Promise.all(
    alternatives.map(async (each) => {
      const wildcard = hasWildcard(each);
      const paths = await matching(resolve(directory, each));
      return { pattern: each, wildcard, files: await Promise.all(paths.map(readIncluded)) };
    }),
  );
}

/** The paths that exist and match; every component may have wildcards. */
async function matching(pattern: string): Promise<string[]> {
  let found = ["/"];
  for (const component of pattern.split("/").filter((part) => part !== "")) {
    const deeper = await Promise.all(found.map((parent) => entries(parent, component)));
    found = deeper.flat();
  }
  return found;
}

async function entries(parent: string, component: string): Promise<string[]> {
  if (!hasWildcard(component)) {
    const path = resolve(parent, component);
    return (await exists(path)) ? [path] : [];
  }
  const matches = componentMatcher(component);
  const names = await readdir(parent).catch(() => []);
  return names
    .filter(matches)
    .sort()
    .map((name) => resolve(parent, name));
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function readIncluded(path: string): Promise<IncludedFile> {
  try {
    if (!(await stat(path)).isFile()) return { path, problem: "it is a directory or a device" };
    const text = decodeText(await readFile(path));
    return text === null ? { path, problem: "it is not UTF-8 text" } : { source: sourceOf(path, text) };
  } catch (error) {
    return { path, problem: `it cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}` };
  }
}
