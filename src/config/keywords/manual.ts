import { diagnosticCodes } from "../diagnostic-codes.ts";
import type { Entry, Keyword } from "./keyword.ts";
import { allBlocks } from "./lookup.ts";

/** The generated sections of docs/configuration.md by the name between their markers. */
export const manualSections: Readonly<Record<string, () => string>> = {
  keywords: keywordTables,
  diagnostics: diagnosticTable,
};

/** The manual with its generated sections brought up to date. */
export function updateManual(manual: string): string {
  return Object.entries(manualSections).reduce((text, [name, section]) => {
    const start = `<!-- ${name}: generated from the keyword table -->\n`;
    const end = `<!-- end of ${name} -->`;
    const from = text.indexOf(start);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`the manual has no markers for ${name}`);
    return `${text.slice(0, from)}${start}\n${section()}\n${text.slice(to)}`;
  }, manual);
}

function keywordTables(): string {
  return allBlocks()
    .map((block) => {
      const rows = Object.entries(block.entries).map(([name, entry]) => keywordRow(name, entry));
      const heading = block.path === "" ? "Top level" : block.path.split("/").join(" > ");
      return `### ${heading}\n\n${table(["keyword", "value", "default", "what it does"], rows)}`;
    })
    .join("\n");
}

function keywordRow(name: string, entry: Entry): string[] {
  if (entry.kind === "block") {
    const need = entry.required ? "needed" : "";
    return [`\`${name}\``, entry.repeatable ? "list of blocks" : "block", need, entry.summary];
  }
  const { synonyms = [], noEffect, ours } = entry.row;
  const names = [name, ...synonyms].map((each) => `\`${each}\``).join(", ");
  const remarks = [
    entry.row.summary,
    noEffect === undefined ? "" : `*no effect*: ${noEffect}`,
    ours === true ? "*not in keepalived*" : "",
  ];
  return [names, entry.type.name, defaultOf(entry), remarks.filter((each) => each !== "").join("; ")];
}

function defaultOf({ type, row }: Keyword): string {
  if (row.required === true) return "needed";
  return row.default === undefined ? (row.defaultText ?? "") : type.format(row.default);
}

function diagnosticTable(): string {
  const rows = Object.entries(diagnosticCodes).map(([code, { severity, summary }]) => [
    `\`${code}\``,
    severity,
    summary,
  ]);
  return table(["code", "severity", "meaning"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n");
}
