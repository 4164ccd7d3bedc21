import { quote } from "../quote.ts";
import type { YamlScalar } from "./node.ts";
import { type Reading, report } from "./reading.ts";

/** A reference to a variable, perhaps with a default; "$${env:" stands for itself; or one that is not as it should be. */
const REFERENCE = /\$\$\{env:|\$\{env:(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?/g;

export function hasReference(text: string): boolean {
  return text.includes("${env:");
}

/** The text of a scalar with `${env:NAME}` and `${env:NAME:-default}` replaced. What cannot be is said, and left as it is. */
export function replaceReferences(reading: Reading, scalar: YamlScalar): string {
  return scalar.text.replace(REFERENCE, (reference, name: string | undefined, otherwise: string | undefined) => {
    if (reference.startsWith("$$")) return reference.slice(1);
    const value = name === undefined ? undefined : (reading.context.environment[name] ?? otherwise);
    if (value === undefined) reportReference(reading, scalar, reference, name);
    return value ?? reference;
  });
}

/** A text that is read as this one. */
export function escapeReferences(text: string): string {
  return text.replaceAll("${env:", () => "$${env:");
}

function reportReference(
  { source, diagnostics }: Reading,
  { start, end }: YamlScalar,
  reference: string,
  name: string | undefined,
): void {
  const at = source.text.slice(start, end).indexOf(reference);
  const from = at < 0 ? start : start + at;
  const span = { source, start: from, end: at < 0 ? end : from + reference.length };
  const code = "invalid-expansion";
  if (name === undefined) {
    const hint = `write \${env:NAME} or \${env:NAME:-default}; $\${env: stands for the text itself`;
    report({ diagnostics }, span, { code, message: "this is no reference to an environment variable", hint });
    return;
  }
  const message = `the environment variable ${quote(name)} is not set`;
  report({ diagnostics }, span, { code, message, hint: `set it, or give a default: \${env:${name}:-default}` });
}
