import type { MetricGroup } from "./metric.ts";

const begin = "<!-- metrics: written by src/web/metrics/write-manual.ts -->";
const end = "<!-- end of metrics -->";

/** docs/metrics.md with the tables of these metrics between its marks. Pure. */
export function updateMetricsManual(manual: string, groups: readonly MetricGroup[]): string {
  const [before, rest] = manual.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error("docs/metrics.md has lost its marks");
  return `${before}${begin}\n\n${groups.map(section).join("\n\n")}\n\n${end}${after}`;
}

function section({ title, bound, metrics }: MetricGroup): string {
  const rows = metrics.map(({ name, type, labels, help }) => {
    const named = labels.map((label) => `\`${label}\``).join(", ");
    return `| \`${name}\` | ${type} | ${named} | ${help.replaceAll("|", "\\|")} |`;
  });
  return [
    `### ${title}`,
    "",
    `Series: ${bound}.`,
    "",
    "| name | type | labels | meaning |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}
