import { diagnosticCodes } from "../diagnostic-codes.ts";
import { type Diagnostic, diagnosticAt } from "../diagnostics.ts";
import { quote } from "../quote.ts";
import { lineNumber, lineText, type Source, type Span } from "../source.ts";
import { nearest } from "../suggest.ts";

/** Comments of their own that begin with the name of the program: `# lbctl: ignore=code`. */
const COMMENT = /(?:^|[ \t])[#!][ \t]*lbctl:[ \t]*([^\r\n]*)/gm;
const directives = ["ignore", "ignore-file"];
const warnings = Object.entries(diagnosticCodes).flatMap(([code, { severity }]) =>
  severity === "warning" ? [code] : [],
);

/** What the comments of the sources silence, and what is wrong with them. */
export interface Ignored {
  /**
   * True for a warning that somebody has read and wants to hear no more of. Errors are never silenced. `around` are the keywords
   * of the blocks that it is in: a comment there is for all that is in the block.
   */
  readonly silences: (diagnostic: Diagnostic, around?: () => readonly Span[]) => boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads `# lbctl: ignore=code[,code...] [why]` (of this line, or in a line of its own of the next setting or block) and
 * `# lbctl: ignore-file=code[,code...] [why]` (of this file; in `mainFile`, of all). The same in both languages.
 */
export function ignoreComments(sources: readonly Source[], mainFile: string): Ignored {
  const keys = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  for (const source of sources) {
    // Most files have none.
    if (!source.text.includes("lbctl:")) continue;
    for (const match of source.text.matchAll(COMMENT)) {
      const text = match[1] ?? "";
      const from = match.index + match[0].length - text.length;
      const [, directive = "", list = ""] = /^([A-Za-z_-]+)[ \t]*(?:[=:][ \t]*([^ \t]*))?/.exec(text) ?? [];
      if (!directives.includes(directive)) {
        const meant = nearest(directive, directives);
        if (meant === null) continue;
        const span = { source, start: from, end: from + directive.length };
        const message = `${quote(directive)} silences nothing`;
        diagnostics.push(diagnosticAt(span, { code: "invalid-ignore", message, hint: `did you mean "${meant}"?` }));
        continue;
      }
      const scope = directive === "ignore" ? String(lineMeant(source, from)) : "file";
      const file = directive === "ignore-file" && source.file === mainFile ? "" : source.file;
      const start = from + text.indexOf(list, directive.length);
      for (const { code, at } of codesIn(list)) {
        if (warnings.includes(code)) keys.add(keyOf(file, scope, code));
        else diagnostics.push(unknownCode(source, start + at, code, list === "" ? text.length : 0));
      }
    }
  }
  const namedAt = (file: string, line: number, code: string) => keys.has(keyOf(file, String(line), code));
  const silences = ({ severity, code, file, line, usedAt }: Diagnostic, around: () => readonly Span[] = () => []) =>
    severity === "warning" &&
    keys.size > 0 &&
    (namedAt(file, line, code) ||
      keys.has(keyOf(file, "file", code)) ||
      keys.has(keyOf("", "file", code)) ||
      (usedAt !== undefined && namedAt(usedAt.file, usedAt.line, code)) ||
      around().some(({ source, start }) => namedAt(source.file, lineNumber(source, start), code)));
  return { silences, diagnostics };
}

function keyOf(file: string, scope: string, code: string): string {
  return `${file}\0${scope}\0${code}`;
}

/** The line of the comment; of one that stands alone, the next line that is neither blank nor a comment. */
function lineMeant(source: Source, offset: number): number {
  const own = lineNumber(source, offset);
  const isSetting = (line: number) => /^[ \t]*[^#!\s]/.test(lineText(source, line));
  if (isSetting(own)) return own;
  for (let line = own + 1; line <= source.lineStarts.length; line++) if (isSetting(line)) return line;
  return own;
}

function codesIn(list: string): { readonly code: string; readonly at: number }[] {
  let at = 0;
  return list.split(",").map((code) => {
    const start = at;
    at += code.length + 1;
    return { code, at: start };
  });
}

function unknownCode(source: Source, start: number, code: string, width: number): Diagnostic {
  const span = { source, start, end: start + Math.max(1, code.length, width) };
  const remark = (message: string, hint: string | null) =>
    diagnosticAt(span, { code: "invalid-ignore", message, hint });
  if (code === "") return remark("a code is missing here", 'a warning shows it in brackets: "ignore=port-ignored"');
  if (Object.hasOwn(diagnosticCodes, code)) return remark(`${code} is an error, and errors cannot be ignored`, null);
  const meant = nearest(code, warnings);
  const hint = meant === null ? "a warning shows its code in brackets" : `did you mean "${meant}"?`;
  return remark(`no warning has the code ${quote(code)}`, hint);
}
