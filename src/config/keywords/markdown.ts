/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}

export const generatedNotice = "<!-- generated from the keyword table: node src/config/keywords/write-manual.ts -->";
