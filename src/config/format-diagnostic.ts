import type { Diagnostic } from "./diagnostics.ts";

/** How the parts of a printed diagnostic look; the default leaves them alone. */
export type DiagnosticPaint = (part: "error" | "warning" | "place" | "gutter", text: string) => string;

const LINE_WIDTH = 5;
/** Longest piece of a source line that is shown. */
const EXCERPT_WIDTH = 120;

/**
 * The diagnostic for people, without a final newline:
 *
 *     /etc/lbctl/lbctl.yaml:4:5: error[unknown-keyword]: "quorom" is not a keyword of virtual_server
 *         4 |     quorom: 2
 *           |     ^^^^^^ did you mean "quorum"? (...)
 */
export function formatDiagnostic(diagnostic: Diagnostic, paint: DiagnosticPaint = (_part, text) => text): string {
  const { code, severity, file, line, column, message, hint, excerpt } = diagnostic;
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  const head = `${paint("place", place)}: ${paint(severity, `${severity}[${code}]`)}: ${message}`;
  const { usedAt: used, link } = diagnostic;
  const more = [
    ...(used === undefined ? [] : [`used in ${used.file}:${used.line}:${used.column}`]),
    ...(link === undefined ? [] : [link]),
  ].map((text) => `\n${gutter("", paint)}${text}`);
  if (excerpt === null) return `${head}${hint === null ? "" : `\n${gutter("", paint)}${hint}`}${more.join("")}`;
  const cutOff = (diagnostic.excerptColumn ?? 1) - 1;
  const { shown, before, marked } = window(excerpt, column - cutOff, diagnostic.endColumn - cutOff);
  const marks = paint(severity, "^".repeat(marked));
  const under = `${gutter("", paint)}${before}${marks}${hint === null ? "" : ` ${hint}`}`;
  return `${head}\n${gutter(String(line), paint)}${shown}\n${under}${more.join("")}`;
}

function gutter(line: string, paint: DiagnosticPaint): string {
  return paint("gutter", `${line.padStart(LINE_WIDTH)} | `);
}

/** The part of a long line around the mark, and the blanks (tabs kept) that lead to the mark. */
function window(excerpt: string, column: number, endColumn: number) {
  const characters = [...excerpt].map((character) => (isControl(character) ? "\u00b7" : character));
  const from = characters.length <= EXCERPT_WIDTH ? 0 : Math.max(0, column - 1 - EXCERPT_WIDTH / 2);
  const cut = characters.slice(from, from + EXCERPT_WIDTH);
  const lead = from === 0 ? "" : "...";
  const tail = from + EXCERPT_WIDTH < characters.length ? "..." : "";
  const before = cut.slice(0, column - 1 - from).map((character) => (character === "\t" ? "\t" : " "));
  return {
    shown: `${lead}${cut.join("")}${tail}`,
    before: " ".repeat(lead.length) + before.join(""),
    marked: Math.max(1, Math.min(endColumn, from + EXCERPT_WIDTH + 1) - column),
  };
}

/** Control characters other than the tab would act on the reader's terminal. */
function isControl(character: string): boolean {
  const code = character.codePointAt(0) as number;
  return character !== "\t" && (code < 0x20 || (code >= 0x7f && code < 0xa0));
}
