import { posix } from "node:path";
import { parseAst } from "vitest/node";
import { declaredNames } from "./bindings.ts";
import { children, isNode, runtimeNodes, type SyntaxNode } from "./syntax-tree.ts";

export type Import = {
  /** Path from the checkout's root for a file of ours; otherwise as written ("node:fs", "zod"). */
  readonly target: string;
  /** What is taken from it; "*" for everything. */
  readonly names: readonly string[];
  readonly line: number;
  /** `import type`: gone at run time. */
  readonly typeOnly: boolean;
};

export type Use = { readonly name: string; readonly line: number };

export type SourceFile = {
  readonly path: string;
  readonly lineCount: number;
  readonly imports: readonly Import[];
  /** Uses of what a pure file must not touch. */
  readonly effects: readonly Use[];
  readonly defaultExports: readonly number[];
};

const effectGlobals = new Set([
  ...["process", "console", "performance", "fetch", "crypto"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask"],
]);

/** What the rules need to know about a file. Path from the checkout's root, with forward slashes. */
export function readSource(path: string, text: string): SourceFile {
  const visits = [...runtimeNodes(parseAst(text, { lang: "ts" }, path) as unknown as SyntaxNode)];
  const lineOf = (node: SyntaxNode): number => text.slice(0, node.start).split("\n").length;
  // Names that the file itself declares hide the globals.
  const own = new Set(visits.flatMap(({ node }) => declaredNames(node)));

  const imports: Import[] = [];
  const effects: Use[] = [];
  const defaultExports: number[] = [];
  for (const { node, parent, field } of visits) {
    const specifier = importSpecifier(node);
    if (specifier !== undefined) {
      const target = specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : specifier;
      imports.push({ target, names: importedNames(node), line: lineOf(node), typeOnly: isTypeOnly(node) });
    }
    if (node.type === "ExportDefaultDeclaration") defaultExports.push(lineOf(node));
    const name = effectName(node);
    if (name !== undefined && !isKey(parent, field) && !own.has(name)) effects.push({ name, line: lineOf(node) });
  }
  return { path, lineCount: text.split("\n").length - 1, imports, effects, defaultExports };
}

function importSpecifier(node: SyntaxNode): string | undefined {
  const imports = ["ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration", "ImportExpression"];
  if (!imports.includes(node.type) || !isNode(node.source)) return undefined;
  return typeof node.source.value === "string" ? node.source.value : undefined;
}

function importedNames(node: SyntaxNode): readonly string[] {
  if (node.type === "ExportAllDeclaration" || node.type === "ImportExpression") return ["*"];
  return children(node, "specifiers")
    .filter((specifier) => !isTypeOnly(specifier))
    .map(({ type, imported, local }) => {
      const name = type === "ExportSpecifier" ? local : imported;
      return isNode(name) ? String(name.name) : "*";
    });
}

function isTypeOnly(node: SyntaxNode): boolean {
  return node.importKind === "type" || node.exportKind === "type";
}

/** The effect that an expression has: a global's name, or one that needs a second look ("Date.now"). */
function effectName(node: SyntaxNode): string | undefined {
  if (node.type === "Identifier") return effectGlobals.has(String(node.name)) ? String(node.name) : undefined;
  if (node.type === "NewExpression" && isNamed(node.callee, "Date")) {
    return children(node, "arguments").length === 0 ? "new Date()" : undefined;
  }
  if (node.type !== "MemberExpression") return undefined;
  if (isNamed(node.object, "Date") && isNamed(node.property, "now")) return "Date.now";
  return isNamed(node.object, "Math") && isNamed(node.property, "random") ? "Math.random" : undefined;
}

function isNamed(value: unknown, name: string): boolean {
  return isNode(value) && value.type === "Identifier" && value.name === name;
}

/** The name after a dot, or a key: the same word, but not the global. */
function isKey(parent: SyntaxNode | undefined, field: string): boolean {
  return parent?.computed !== true && (field === "property" || field === "key");
}
