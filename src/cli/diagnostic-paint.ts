import type { DiagnosticPaint } from "../config/diagnostics.ts";
import { paintFor } from "./style.ts";

const colours = { error: "red", warning: "yellow", place: "bold", gutter: "dim" } as const;

/** Colours of a printed diagnostic on this stream. */
export function diagnosticPaint(stream: { readonly isTTY?: boolean }): DiagnosticPaint {
  const paint = paintFor(stream);
  return (part, text) => paint(colours[part], text);
}
