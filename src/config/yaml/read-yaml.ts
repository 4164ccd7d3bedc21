import { type Diagnostic, diagnosticAt } from "../diagnostics.ts";
import type { Source } from "../source.ts";
import type { SourceNode } from "../source-tree.ts";
import { composeNodes, parseYaml } from "./compose.ts";
import { readPlainYaml } from "./plain-yaml.ts";
import { syntaxDiagnostics } from "./syntax-errors.ts";
import { treeOf } from "./tree.ts";

export interface ReadYaml {
  readonly nodes: readonly SourceNode[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The YAML front end: keys are keywords, repeatable blocks are lists, a value is one word or the words of its text. */
export function readYaml(source: Source): ReadYaml {
  const plain = readPlainYaml(source.text);
  if (plain !== null) return treeOf(source, plain);
  const document = parseYaml(source.text);
  if (document === null) {
    const remark = { code: "yaml-syntax", message: "the text is nested too deeply" } as const;
    return { nodes: [], diagnostics: [diagnosticAt({ source, start: 0, end: 1 }, remark)] };
  }
  const syntax = syntaxDiagnostics(source, document);
  // What follows a syntax error is guesswork: remarks about it would mislead.
  if (syntax.length > 0) return { nodes: [], diagnostics: syntax };
  return treeOf(source, document.contents === null ? null : composeNodes(document.contents));
}
