import { diagnosticCodes } from "../diagnostic-codes.ts";
import { table } from "./markdown.ts";

/** The generated sections of docs/configuration.md by the name between their markers. */
const sections: Readonly<Record<string, () => string>> = { diagnostics: diagnosticTable };

/** The manual with its generated sections brought up to date. */
export function updateManual(manual: string): string {
  return Object.entries(sections).reduce((text, [name, section]) => {
    const start = `<!-- ${name}: generated from the keyword table -->\n`;
    const end = `<!-- end of ${name} -->`;
    const from = text.indexOf(start);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`the manual has no markers for ${name}`);
    return `${text.slice(0, from)}${start}\n${section()}\n${text.slice(to)}`;
  }, manual);
}

function diagnosticTable(): string {
  const rows = Object.entries(diagnosticCodes).map(([code, { severity, summary }]) => [
    `\`${code}\``,
    severity,
    summary,
  ]);
  return table(["code", "severity", "meaning"], rows);
}
