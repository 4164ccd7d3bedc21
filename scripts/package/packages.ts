/** What packaging reads of a package.json. */
export type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly description?: string;
  readonly homepage?: string;
  readonly repository?: string | { readonly url: string };
  readonly engines?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
};

/** Names, in alphabetical order, of every package that `manifest` needs at run time, the workspaces and what those need included. */
export function packagesFor(
  manifest: Manifest,
  installed: (name: string) => Manifest,
  workspaces: ReadonlySet<string>,
): readonly string[] {
  const found = new Set<string>(workspaces);
  const waiting = [manifest, ...[...workspaces].map(installed)];
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    for (const name of Object.keys(each.dependencies ?? {})) {
      if (found.has(name)) continue;
      found.add(name);
      waiting.push(installed(name));
    }
  }
  return [...found].toSorted();
}
