import { type Diagnostic, diagnosticAt } from "../diagnostics.ts";
import type { Source } from "../source.ts";
import { composeNodes, parseYaml } from "./compose.ts";
import type { YamlNode } from "./node.ts";
import { readPlainYaml } from "./plain-yaml.ts";
import { syntaxDiagnostics } from "./syntax-errors.ts";

/** A text as nodes; with diagnostics there are none. */
export interface YamlDocument {
  readonly source: Source;
  /** Null when the text is empty. */
  readonly top: YamlNode | null;
  readonly diagnostics: readonly Diagnostic[];
}

export function documentOf(source: Source): YamlDocument {
  const plain = readPlainYaml(source.text);
  if (plain !== null) return { source, top: plain, diagnostics: [] };
  const document = parseYaml(source.text);
  if (document === null) {
    const remark = { code: "yaml-syntax", message: "the text is nested too deeply" } as const;
    return { source, top: null, diagnostics: [diagnosticAt({ source, start: 0, end: 1 }, remark)] };
  }
  const diagnostics = syntaxDiagnostics(source, document);
  // What follows a syntax error is guesswork: remarks about it would mislead.
  if (diagnostics.length > 0) return { source, top: null, diagnostics };
  return { source, top: document.contents === null ? null : composeNodes(document.contents), diagnostics };
}
