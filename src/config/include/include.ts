import { type Diagnostic, type DiagnosticCode, diagnosticAt } from "../diagnostics.ts";
import { quote } from "../quote.ts";
import type { Source, Span } from "../source.ts";

/** What is an error in an include, instead of a warning or of silence. */
export interface IncludeChecks {
  readonly readable: boolean;
  readonly match: boolean;
  readonly wildcard_match: boolean;
  readonly brace_match: boolean;
}

export const noChecks: IncludeChecks = { readable: false, match: false, wildcard_match: false, brace_match: false };

/** One of the alternatives that the braces of a pattern spell out, and the files that it matches. */
export interface IncludeMatch {
  readonly pattern: string;
  readonly wildcard: boolean;
  readonly files: readonly IncludedFile[];
}

/** A file, or why there is none. */
export type IncludedFile = { readonly source: Source } | { readonly path: string; readonly problem: string };

/** A pattern as it is to be looked up: relative to the directory of the file that has it. */
export interface IncludeRequest {
  readonly directory: string;
  readonly pattern: string;
}

export function includeKey({ directory, pattern }: IncludeRequest): string {
  return `${directory}\0${pattern}`;
}

/** Where the patterns of a file start from: the directory of an absolute path, "." for a name alone. */
export function directoryOf(file: string): string {
  return file.replace(/\/?[^/]*$/, "") || (file.startsWith("/") ? "/" : ".");
}

/** The files to read in order, and what is to be said of those that cannot be. */
export function selectIncluded(
  matches: readonly IncludeMatch[],
  pattern: string,
  checks: IncludeChecks,
  span: Span,
): { readonly sources: readonly Source[]; readonly diagnostics: readonly Diagnostic[] } {
  const sources: Source[] = [];
  const diagnostics: Diagnostic[] = [];
  const say = (strict: boolean, message: string, hint: string | null, lenient: DiagnosticCode = "include-skipped") => {
    const code = strict ? "include-not-found" : lenient;
    diagnostics.push(diagnosticAt(span, { code, message, hint }));
  };
  for (const { pattern: each, wildcard, files } of matches) {
    for (const file of files) {
      if ("source" in file) sources.push(file.source);
      else say(checks.readable, `${file.path} is not included: ${file.problem}`, null);
    }
    if (files.length > 0) continue;
    const hint = /^".*"$/.test(pattern) ? "quotes count as part of the name here: leave them out" : null;
    if (!wildcard) say(matches.length > 1 ? checks.brace_match : checks.match, `there is no file ${quote(each)}`, hint);
    else say(checks.wildcard_match, `no file matches ${quote(each)}`, hint, "include-matched-nothing");
  }
  return { sources, diagnostics };
}
