import { type DiagnosticCode, diagnosticCodes } from "./diagnostic-codes.ts";
import { lintLink } from "./lints/lint-codes.ts";
import { maskColumns, withoutSecrets } from "./secrets.ts";
import { columnOf, lineBounds, lineNumber, type Span } from "./source.ts";

export type { DiagnosticCode } from "./diagnostic-codes.ts";

/** One remark about the configuration, as data: it is printed, sent over the control socket and read by editors. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: "error" | "warning";
  readonly file: string;
  /** First line is 1; 0 when the remark is about the file as a whole. */
  readonly line: number;
  /** In characters, first is 1; 0 with line 0. */
  readonly column: number;
  /** Column behind the last marked character of the line. */
  readonly endColumn: number;
  readonly message: string;
  /** The line it is about, of a very long one a piece around the place; null with line 0. */
  readonly excerpt: string | null;
  /** Column of the first character of such a piece. */
  readonly excerptColumn?: number;
  /** What to do about it, or null. */
  readonly hint: string | null;
  /** What would have been accepted, or null. */
  readonly expected: string | null;
  /** Where it is used, when it was written elsewhere: in the value of a parameter of keepalived.conf. */
  readonly usedAt?: { readonly file: string; readonly line: number; readonly column: number };
  /** Where it is explained at length: lints are. */
  readonly link?: string;
}

/** What there is to say, before a place is given to it. */
export interface Remark {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string | null;
  readonly expected?: string | null;
  /** What is marked is a password, which must not be shown. */
  readonly secret?: boolean;
}

/** The remark at its place. Marks that run over several lines are cut at the end of the first. */
export function diagnosticAt(span: Span, remark: Remark): Diagnostic {
  const { source, start } = span;
  const line = lineNumber(source, start);
  const column = columnOf(source, start);
  const { from, to } = lineBounds(source, line);
  const endOfLine = Math.max(columnOf(source, to), column);
  const end = lineNumber(source, span.end) === line ? columnOf(source, span.end) : endOfLine;
  const endColumn = Math.max(end, column + 1);
  const place = { file: source.file, line, column, endColumn };
  const shown = (text: string, first: number) =>
    withoutSecrets(remark.secret === true ? maskColumns(text, column + 1 - first, endColumn + 1 - first) : text);
  if (to - from <= LONG_LINE)
    return { ...common(remark), ...place, excerpt: shown(source.text.slice(from, to), 1), ...usedAt(span) };
  // Or ten thousand remarks about a configuration without line breaks would each have all of it.
  const piece = Math.max(from, start - LONG_LINE / 4);
  const excerptColumn = columnOf(source, piece);
  const excerpt = shown(source.text.slice(piece, Math.min(to, start + LONG_LINE / 2)), excerptColumn);
  return { ...common(remark), ...place, excerpt, excerptColumn, ...usedAt(span) };
}

/** In UTF-16 units. */
const LONG_LINE = 2000;

function usedAt({ usedAt: used }: Span): Pick<Diagnostic, "usedAt"> {
  if (used === undefined) return {};
  const { source, start } = used;
  return { usedAt: { file: source.file, line: lineNumber(source, start), column: columnOf(source, start) } };
}

/** A remark about the file as a whole. */
export function diagnosticOfFile(file: string, remark: Remark): Diagnostic {
  return { ...common(remark), file, line: 0, column: 0, endColumn: 0, excerpt: null };
}

function common({ code, message, hint = null, expected = null }: Remark) {
  const link = lintLink(code);
  const linked = link === null ? {} : { link };
  return { code, severity: diagnosticCodes[code].severity, message, hint, expected, ...linked };
}

/** In the order of each file, the files as they come; of equal ones the first is kept. */
export function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  const unique = diagnostics.filter(({ code, file, line, column, message }) => {
    const identity = JSON.stringify([code, file, line, column, message]);
    return seen.size !== seen.add(identity).size;
  });
  const files = new Map<string, number>();
  for (const { file } of unique) if (!files.has(file)) files.set(file, files.size);
  const rank = ({ file }: Diagnostic) => files.get(file) ?? 0;
  return unique.sort((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}
