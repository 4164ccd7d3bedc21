import { type Diagnostic, diagnosticAt } from "../diagnostics.ts";
import { type Line, spanIn } from "./line.ts";

/** What a backslash before it means to a matcher, and is taken away by the language of keepalived.conf. */
const MEANINGFUL = /[dDwWsSbBAzZpPhHRQ.+*?()[\]{}|^$/-]/;

/** Says once for a line with a regular expression that a backslash in it never gets to the matcher. */
export function lostBackslashes(line: Line, keyword: string): Diagnostic[] {
  for (const { 0: pair, index } of line.text.matchAll(/\\[\s\S]/g)) {
    const [, character = ""] = pair;
    if (!MEANINGFUL.test(character)) continue;
    const meant = character === "b" ? "a backspace" : `"${character}"`;
    const message = `"${pair}" of this ${keyword} is ${meant}, as with keepalived: the backslash is used up in reading the file`;
    const hint = `for a backslash in the expression write two: "\\${pair}"`;
    return [diagnosticAt(spanIn(line, index, index + pair.length), { code: "lost-backslash", message, hint })];
  }
  return [];
}
