import type { Diagnostic } from "../config/diagnostics.ts";
import { type DiagnosticPaint, formatDiagnostic } from "../config/format-diagnostic.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { paintFor } from "./style.ts";

const colours = { error: "red", warning: "yellow", place: "bold", gutter: "dim" } as const;

/** Colours of a printed diagnostic on this stream. */
function diagnosticPaint(stream: { readonly isTTY?: boolean }): DiagnosticPaint {
  const paint = paintFor(stream);
  return (part, text) => paint(colours[part], text);
}

/** Prints diagnostics on standard error, each with its place, excerpt and hint. */
export function writeDiagnostics(diagnostics: readonly Diagnostic[]): void {
  const paint = diagnosticPaint(process.stderr);
  process.stderr.write(diagnostics.map((diagnostic) => `${formatDiagnostic(diagnostic, paint)}\n`).join(""));
}

const unreadable: readonly string[] = ["file-not-found", "file-unreadable", "not-a-file"];

/** The exit status of a configuration that was refused with these diagnostics. */
export function exitOfRefused(diagnostics: readonly Diagnostic[]): ExitCode {
  return diagnostics.some(({ code }) => unreadable.includes(code))
    ? exitCodes.configUnreadable
    : exitCodes.configInvalid;
}
