import type { Document, YAMLError } from "yaml";
import { type Diagnostic, diagnosticAt } from "../diagnostics.ts";
import type { Source } from "../source.ts";

const hints: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "YAML indents with spaces; a tab may stand only after the first word of a line",
  BAD_INDENT: "entries of one block start in the same column",
  BAD_SCALAR_START: 'put the value in quotes: "..."',
  MISSING_CHAR: "a quote, bracket or comma is missing",
  UNEXPECTED_TOKEN: "this does not continue what stands before it",
  MULTILINE_IMPLICIT_KEY: "a colon is missing, or the value needs quotes",
  BLOCK_AS_IMPLICIT_KEY: "a value that holds a colon and a blank needs quotes",
  IMPOSSIBLE: "this does not continue what stands before it",
  TAG_RESOLVE_FAILED: "leave out the tag: the keyword says of what kind its value is",
};

const MOST_SYNTAX_ERRORS = 5;

/** What the YAML parser found: the first error of each line, at most five, since one mistake often has many consequences. */
export function syntaxDiagnostics(source: Source, document: Document.Parsed): Diagnostic[] {
  const problems = [...document.errors, ...document.warnings];
  const lines = new Set<number>();
  return problems
    .map((problem) => describe(source, problem))
    .filter(({ line }) => lines.size !== lines.add(line).size)
    .slice(0, MOST_SYNTAX_ERRORS);
}

function describe(source: Source, { code, message, pos }: YAMLError): Diagnostic {
  const start = Math.min(pos[0], source.text.length);
  const span = { source, start, end: Math.max(start, pos[1]) };
  if (code === "MULTIPLE_DOCS") {
    return diagnosticAt(span, {
      code: "multiple-documents",
      message: "a second YAML document starts here; a configuration is one document",
      hint: 'remove the line "---"',
    });
  }
  const hint = looksLikeKeepalived(source.text)
    ? "this looks like keepalived.conf; this version reads YAML: docs/configuration.md shows the same settings there"
    : (hints[code] ?? null);
  return diagnosticAt(span, { code: "yaml-syntax", message: sentence(message), hint });
}

function looksLikeKeepalived(text: string): boolean {
  return /^\s*(?:virtual_server|vrrp_instance|global_defs|vrrp_script|real_server)\b[^:\n]*\{\s*$/m.test(text);
}

function sentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
