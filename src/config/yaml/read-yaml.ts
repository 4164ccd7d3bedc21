import { type Document, parseDocument } from "yaml";
import { type Diagnostic, diagnosticAt } from "../diagnostics.ts";
import type { Source, Span } from "../source.ts";
import type { SourceNode } from "../source-tree.ts";
import { syntaxDiagnostics } from "./syntax-errors.ts";
import { treeOf } from "./tree.ts";

export interface ReadYaml {
  readonly nodes: readonly SourceNode[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The YAML front end: keys are keywords, repeatable blocks are lists, a value is one word or the words of its text. */
export function readYaml(source: Source): ReadYaml {
  const document = compose(source);
  if (document === null) {
    const place: Span = { source, start: 0, end: 1 };
    const remark = { code: "yaml-syntax", message: "the text is nested too deeply", hint: null } as const;
    return { nodes: [], diagnostics: [diagnosticAt(place, remark)] };
  }
  const syntax = syntaxDiagnostics(source, document);
  // What follows a syntax error is guesswork: remarks about it would mislead.
  return syntax.length > 0 ? { nodes: [], diagnostics: syntax } : treeOf(source, document.contents);
}

/**
 * Scalars stay the text that was written (the failsafe schema): the keyword table says what they mean, and no "no" becomes
 * false or "1_0" a number on the way. Duplicate keys are found by us, in linear time.
 */
function compose({ text }: Source): Document.Parsed | null {
  try {
    return parseDocument(text, { schema: "failsafe", uniqueKeys: false, prettyErrors: false, logLevel: "silent" });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
