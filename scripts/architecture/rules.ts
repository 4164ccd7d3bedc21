import type { Import, SourceFile } from "./read-source.ts";

/** Where things live. A folder ends in "/"; anything else is a file. */
export type Layout = {
  readonly pure: readonly string[];
  readonly shells: readonly string[];
  readonly private: readonly string[];
  readonly packages: readonly string[];
  /** Modules from outside the checkout that pure files may use, with the names they may not. */
  readonly pureModules: Readonly<Record<string, { readonly except: readonly string[] }>>;
};

export type Rule = "pure" | "private" | "package" | "test-only" | "cycle" | "default-export" | "length";

export type Violation = {
  readonly path: string;
  readonly line: number;
  readonly rule: Rule;
  readonly message: string;
};

const maxLines = 350;

export function findViolations(sources: readonly SourceFile[], layout: Layout): readonly Violation[] {
  const perFile = sources.flatMap((source) => [
    ...impurities(source, layout),
    ...trespasses(source, layout),
    ...source.defaultExports.map((line) => violation(source, line, "default-export", "export it by name")),
    ...(source.lineCount > maxLines && !isGenerated(source.path) && !isForTests(source.path)
      ? [violation(source, maxLines, "length", `${source.lineCount} lines: more than one concern?`)]
      : []),
  ]);
  return [...perFile, ...cycles(sources)];
}

function violation(source: SourceFile, line: number, rule: Rule, message: string): Violation {
  return { path: source.path, line, rule, message };
}

function impurities(source: SourceFile, layout: Layout): readonly Violation[] {
  if (!isPure(source.path, layout)) return [];
  const imports = source.imports
    .filter((imported) => !imported.typeOnly)
    .flatMap((imported) => impureParts(imported, layout).map((what) => ({ what, line: imported.line })))
    .map(({ what, line }) => violation(source, line, "pure", `imports ${what}, which is not pure`));
  const effects = source.effects.map(({ name, line }) => violation(source, line, "pure", `uses ${name}`));
  return [...imports, ...effects];
}

function impureParts({ target, names }: Import, layout: Layout): readonly string[] {
  const outside = Object.hasOwn(layout.pureModules, target) ? layout.pureModules[target] : undefined;
  if (outside === undefined) return isPure(target, layout) ? [] : [target];
  const refused = names.filter((name) => outside.except.includes(name) || (name === "*" && outside.except.length > 0));
  return refused.map((name) => `${name} of ${target}`);
}

function trespasses(source: SourceFile, layout: Layout): readonly Violation[] {
  const home = layout.packages.find((folder) => source.path.startsWith(folder));
  return source.imports.flatMap(({ target, line }) => {
    const closed = layout.private.find((folder) => target.startsWith(folder) && !source.path.startsWith(folder));
    const found: Violation[] = [];
    if (closed !== undefined && !isForTests(source.path)) {
      found.push(violation(source, line, "private", `imports ${target}: nobody outside ${closed} may`));
    }
    if (home !== undefined && isOurs(target) && !target.startsWith(home) && !isForTests(source.path)) {
      found.push(violation(source, line, "package", `imports ${target} from outside its package`));
    }
    if (isOurs(target) && isForTests(target) && !isForTests(source.path)) {
      found.push(violation(source, line, "test-only", `imports ${target}, which is for tests`));
    }
    return found;
  });
}

/** Each cycle of run-time imports once, at the file that comes first in the alphabet. */
function cycles(sources: readonly SourceFile[]): readonly Violation[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const found = new Map<string, Violation>();

  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      report(trail.slice(at));
      return;
    }
    const source = byPath.get(path);
    if (source === undefined || done.has(path)) return;
    for (const { target, typeOnly } of source.imports) if (!typeOnly) visit(target, [...trail, path]);
    done.add(path);
  };
  const report = (loop: readonly string[]): void => {
    const first = loop.indexOf([...loop].sort()[0] ?? "");
    const ordered = [...loop.slice(first), ...loop.slice(0, first)];
    const source = byPath.get(ordered[0] ?? "");
    const line = source?.imports.find(({ target }) => target === (ordered[1] ?? ordered[0]))?.line ?? 1;
    const text = [...ordered, ordered[0]].join(" → ");
    if (source !== undefined) found.set(text, violation(source, line, "cycle", text));
  };
  for (const path of [...byPath.keys()].sort()) visit(path, []);
  return [...found.values()];
}

function isPure(path: string, layout: Layout): boolean {
  return isIn(path, layout.pure) && !isIn(path, layout.shells) && !isForTests(path);
}

function isIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => (place.endsWith("/") ? path.startsWith(place) : path === place));
}

function isOurs(target: string): boolean {
  return /^(src|ipvs|checkers|test|scripts)\//.test(target);
}

function isForTests(path: string): boolean {
  return path.startsWith("test/") || path.endsWith(".test.ts") || path.includes("/testing/");
}

function isGenerated(path: string): boolean {
  return path.includes("/generated/") || path.endsWith("constants.ts");
}
