import { type Diagnostic, diagnosticAt } from "../diagnostics.ts";
import { quote } from "../quote.ts";
import type { Source, Span } from "../source.ts";

/** What `include_check` asks for; each is an error instead of a warning or of silence. */
export interface IncludeChecks {
  readonly readable: boolean;
  readonly match: boolean;
  readonly wildcard_match: boolean;
  readonly brace_match: boolean;
}

export const noChecks: IncludeChecks = { readable: false, match: false, wildcard_match: false, brace_match: false };
const allChecks: IncludeChecks = { readable: true, match: true, wildcard_match: true, brace_match: true };

const addedBy: Readonly<Record<string, Partial<IncludeChecks>>> = {
  include: {},
  includer: { readable: true },
  includem: { readable: true, match: true },
  includew: { readable: true, wildcard_match: true },
  includeb: { readable: true, brace_match: true },
  includea: allChecks,
};

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

/** The checks and the pattern of an include line; null for other lines. */
export function includeIn(text: string): { readonly checks: Partial<IncludeChecks>; readonly pattern: string } | null {
  const match = /^(include[rmwba]?)[ \t]+(\S.*)$/.exec(text);
  const checks = match === null ? undefined : addedBy[match[1] as string];
  return checks === undefined ? null : { checks, pattern: (match?.[2] ?? "").trim() };
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
  const say = (strict: boolean, message: string, hint: string | null) => {
    const code = strict ? "include-not-found" : "include-skipped";
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
    else if (checks.wildcard_match) say(true, `no file matches ${quote(each)}`, hint);
  }
  return { sources, diagnostics };
}

const names = ["readable", "match", "wildcard_match", "brace_match"] as const;

/** The checks after an `include_check` line; a text for what is wrong with its options. */
export function changedChecks(before: IncludeChecks, options: readonly string[]): IncludeChecks | string {
  if (options.length === 0) return allChecks;
  let checks = options.every((option) => /^[+-]/.test(option)) ? before : noChecks;
  for (const option of options) {
    const name = names.find((each) => each === option.replace(/^[+-]/, ""));
    if (name === undefined) return `include_check takes ${names.join(", ")}, not ${quote(option)}`;
    const on = !option.startsWith("-");
    checks = { ...checks, [name]: on, ...(on && name !== "readable" ? { readable: true } : {}) };
  }
  return checks;
}
