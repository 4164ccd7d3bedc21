import { type Diagnostic, diagnosticAt } from "../diagnostics.ts";
import type { Source } from "../source.ts";

const OPENING = /^[ \t]*(?:virtual_server(?:_group)?|vrrp_\w+|global_defs|static_\w+|real_server)\b[^:\n]*\{[ \t]*$/m;

/** Said of a keepalived.conf in place of the errors that it has as YAML; null for other texts. */
export function remarkOnKeepalivedSyntax(source: Source): Diagnostic | null {
  const match = OPENING.exec(source.text);
  if (match === null) return null;
  const start = match.index + match[0].length - match[0].trimStart().length;
  return diagnosticAt(
    { source, start, end: match.index + match[0].trimEnd().length },
    {
      code: "yaml-syntax",
      message: "this is the syntax of keepalived.conf, and the name of the file says YAML",
      hint: "give the file a name that ends in .conf",
    },
  );
}
