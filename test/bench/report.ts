import { textTable } from "../../src/cli/text-table.ts";
import type { MachineFacts } from "./machine-facts.ts";
import { timingBenchmarks } from "./measurement.ts";
import { references, type Summary, type TimingRow } from "./summary.ts";

/** The tables that the benchmark ends with. */
export function reportText(facts: MachineFacts, summary: Summary): string {
  const sections = timingBenchmarks.flatMap((benchmark) => {
    const rows = summary.timings.filter((row) => row.benchmark === benchmark);
    return rows.length === 0 ? [] : [timingSection(benchmark, rows)];
  });
  if (summary.memory.length > 0) sections.push(memorySection(summary));
  const { date, cpu, cpuCount, loadAtEnd, guestKernel, node, ipvsadm, keepalived } = facts;
  const machine = `${date}  ${cpuCount} x ${cpu}, load ${loadAtEnd.toFixed(1)}  guest: Linux ${guestKernel}  Node ${node}  ipvsadm ${ipvsadm}  keepalived ${keepalived}`;
  return `${[machine, ...sections].join("\n\n")}\n`;
}

function timingSection(benchmark: TimingRow["benchmark"], rows: readonly TimingRow[]): string {
  const perEntry = rows.some(({ cpuUsPerEntry }) => cpuUsPerEntry !== null);
  const head = [benchmark === "config-one" ? "real servers" : "services", "", "runs", "CPU ms", "wall ms"];
  if (perEntry) head.push("CPU us/entry", "wall us/entry");
  const peak = rows.some(({ peakMiB }) => peakMiB !== null);
  if (peak) head.push("peak MiB");
  head.push("CPU ratio", "wall ratio", "growth");
  const cells = rows.map((row) => {
    const line = [String(row.services), row.subject, String(row.runs), row.cpuMs.toFixed(0), row.wallMs.toFixed(0)];
    if (perEntry) line.push(fixed(row.cpuUsPerEntry, 1), fixed(row.wallUsPerEntry, 1));
    if (peak) line.push(fixed(row.peakMiB, 0));
    return [...line, fixed(row.cpuRatio, 2), fixed(row.wallRatio, 2), fixed(row.exponent, 2)];
  });
  const right = head.map((_, column) => column).filter((column) => column !== 1);
  const title = `${benchmark} (ratios to ${references[benchmark]}; growth: exponent of CPU over ${head[0]})`;
  return [title, ...textTable([head, ...cells], right)].join("\n");
}

function memorySection({ memory }: Summary): string {
  const cells = memory.map((row) => [
    String(row.services),
    row.subject,
    row.process,
    row.pssMiB.toFixed(1),
    row.rssMiB.toFixed(1),
  ]);
  return ["memory", ...textTable([["services", "", "process", "PSS MiB", "RSS MiB"], ...cells], [0, 3, 4])].join("\n");
}

function fixed(value: number | null, digits: number): string {
  return value === null ? "" : value.toFixed(digits);
}
