import { posix } from "node:path";
import { parseAst } from "vitest/node";
import { children, isNode, type SyntaxNode } from "../architecture/syntax-tree.ts";

/** A declaration that a type is made of. */
export interface Declaration {
  readonly path: string;
  readonly name: string;
  /** As it is written, without comments and line breaks. */
  readonly text: string;
}

/** Where to look for sources. */
export interface Sources {
  /** Text of a file, by its path from the checkout's root. */
  readonly read: (path: string) => string;
  /** Entry files of our packages, by the name that others import. */
  readonly packages: Readonly<Record<string, string>>;
}

interface File {
  readonly declared: ReadonlyMap<string, SyntaxNode>;
  /** By local name. */
  readonly imports: ReadonlyMap<string, { readonly from: string; readonly name: string }>;
  readonly reexports: readonly { readonly from: string; readonly names: ReadonlyMap<string, string> | "*" }[];
  readonly text: string;
}

const declarations = [
  "TSInterfaceDeclaration",
  "TSTypeAliasDeclaration",
  "ClassDeclaration",
  "FunctionDeclaration",
  "VariableDeclarator",
];

/**
 * All declarations that these types of a file are made of, in whichever file of ours they are, by path and name. What comes from elsewhere
 * (a library, the language) is left out. @throws Error for a name that a file of ours is said to export and does not
 */
export function shapeOf(path: string, names: readonly string[], sources: Sources): readonly Declaration[] {
  const files = new Map<string, File>();
  const fileAt = (at: string): File => {
    const file = files.get(at) ?? readFile(at, sources);
    files.set(at, file);
    return file;
  };
  const found = new Map<string, Declaration>();

  const visit = (at: string, name: string): void => {
    const file = fileAt(at);
    const node = file.declared.get(name);
    if (node === undefined) return;
    const key = `${at} ${name}`;
    if (found.has(key)) return;
    found.set(key, { path: at, name, text: written(file.text.slice(node.start, Number(node.end))) });
    const own = new Set(children(node, "typeParameters").flatMap((each) => children(each, "params").map(nameOf)));
    for (const used of namesIn(node)) if (!own.has(used)) follow(at, used);
  };

  const follow = (at: string, name: string): void => {
    const imported = fileAt(at).imports.get(name);
    const origin = imported === undefined ? { path: at, name } : originOf(imported.from, imported.name);
    if (origin === null) throw new Error(`${at}: ${imported?.from} has no ${imported?.name}`);
    visit(origin.path, origin.name);
  };

  const originOf = (at: string, name: string): { readonly path: string; readonly name: string } | null => {
    const file = fileAt(at);
    if (file.declared.has(name)) return { path: at, name };
    for (const { from, names: exported } of file.reexports) {
      const original = exported === "*" ? name : exported.get(name);
      const origin = original === undefined ? null : originOf(from, original);
      if (origin !== null) return origin;
    }
    return null;
  };

  for (const name of names) visit(path, name);
  return [...found.values()].sort((a, b) => (`${a.path} ${a.name}` < `${b.path} ${b.name}` ? -1 : 1));
}

function readFile(path: string, { read, packages }: Sources): File {
  const text = read(path);
  const declared = new Map<string, SyntaxNode>();
  const imports = new Map<string, { from: string; name: string }>();
  const reexports: File["reexports"][number][] = [];
  const resolved = (source: unknown): string | null => {
    const target = isNode(source) ? String(source.value) : "";
    if (target.startsWith(".")) return posix.join(posix.dirname(path), target);
    return packages[target] ?? null;
  };
  for (const statement of children(parseAst(text, { lang: "ts" }, path) as unknown as SyntaxNode, "body")) {
    const from = resolved(statement.source);
    const specifiers = children(statement, "specifiers");
    if (statement.type === "ImportDeclaration") {
      for (const { local, imported } of specifiers) {
        if (from !== null) imports.set(nameOf(local), { from, name: nameOf(imported) });
      }
    } else if (statement.type === "ExportAllDeclaration") {
      if (from !== null) reexports.push({ from, names: "*" });
    } else if (statement.type === "ExportNamedDeclaration" && from !== null) {
      const names = new Map(specifiers.map(({ local, exported }) => [nameOf(exported), nameOf(local)]));
      reexports.push({ from, names });
    } else {
      const [inner = statement] = children(statement, "declaration");
      for (const node of inner.type === "VariableDeclaration" ? children(inner, "declarations") : [inner]) {
        if (declarations.includes(node.type)) declared.set(nameOf(node.id), node);
      }
    }
  }
  return { declared, imports, reexports, text };
}

function nameOf(node: unknown): string {
  if (!isNode(node)) return "";
  return isNode(node.name) ? nameOf(node.name) : String(node.name);
}

/** Every name in it; that of a property that is also a declaration's does no harm: it is one more to compare. */
function namesIn(node: SyntaxNode): ReadonlySet<string> {
  const names = new Set<string>();
  const walk = (each: SyntaxNode): void => {
    if (each.type === "Identifier") names.add(nameOf(each));
    for (const [field, value] of Object.entries(each)) {
      const isName = field === "key" && each.computed !== true;
      if (!isName && typeof value === "object") for (const child of children(each, field)) walk(child);
    }
  };
  walk(node);
  return names;
}

function written(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\/|(?<![:"'`\\])\/\/.*$/gm, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}
