import { stripTypeScriptTypes } from "node:module";
import { parseAst } from "vitest/node";
import { runtimeNodes, type SyntaxNode } from "../architecture/syntax-tree.ts";

export type CompiledModule = {
  /** JavaScript with every statement at the line and column where it was written: types have become blanks. */
  readonly code: string;
  /** Files and packages that it names, as written: of imports, and of programs that it starts ("./checker-main.ts"). */
  readonly names: readonly string[];
};

const fileName = /^(?:\.{1,2}\/)*[\w-]+(?:\/[\w-]+)*\.ts$/;

/**
 * A module without its types. Strings that name a TypeScript file which exists, by `exists` (asked with the name as written),
 * name the JavaScript file instead; those that are only words (a test's path in a table) stay.
 */
export function compileModule(path: string, text: string, exists: (name: string) => boolean): CompiledModule {
  const code = stripTypeScriptTypes(text, { mode: "strip" });
  const tree = parseAst(code, { lang: "js" }, path) as unknown as SyntaxNode;
  const names: string[] = [];
  const pieces: string[] = [];
  let copied = 0;
  for (const { node, field } of runtimeNodes(tree)) {
    if (node.type !== "Literal" || typeof node.value !== "string") continue;
    const isImport = field === "source";
    const isFile = fileName.test(node.value) && (isImport || exists(node.value));
    if (isImport || isFile) names.push(node.value);
    if (!isFile) continue;
    const end = Number(node.end);
    pieces.push(code.slice(copied, node.start), JSON.stringify(node.value.replace(/\.ts$/, ".js")));
    copied = end;
  }
  pieces.push(code.slice(copied));
  return { code: pieces.join(""), names };
}
