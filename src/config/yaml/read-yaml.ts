import { type Diagnostic, diagnosticAt, hasErrors } from "../diagnostics.ts";
import type { Source } from "../source.ts";
import type { SourceNode } from "../source-tree.ts";
import { composeNodes, parseYaml } from "./compose.ts";
import { remarkOnKeepalivedSyntax } from "./keepalived-syntax.ts";
import { readPlainYaml } from "./plain-yaml.ts";
import { syntaxDiagnostics } from "./syntax-errors.ts";
import { treeOf } from "./tree.ts";

/** What a text means. Without nodes there is nothing to go on with; with them there may be remarks all the same. */
export interface ReadYaml {
  readonly nodes: readonly SourceNode[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The YAML front end: keys are keywords, repeatable blocks are lists, a value is one word or the words of its text. */
export function readYaml(source: Source): ReadYaml {
  const plain = readPlainYaml(source.text);
  if (plain !== null) return treeOf(source, plain);
  const read = readCompleteYaml(source);
  if (read.nodes.length > 0 || !hasErrors(read.diagnostics)) return read;
  const keepalived = remarkOnKeepalivedSyntax(source);
  return keepalived === null ? read : { nodes: [], diagnostics: [keepalived] };
}

function readCompleteYaml(source: Source): ReadYaml {
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
