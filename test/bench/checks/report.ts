import { textTable } from "../../../src/cli/text-table.ts";
import { median } from "../statistics.ts";
import type { LoadResult } from "./load.ts";
import type { RemovalResult } from "./removal.ts";
import { scenarios } from "./scenario.ts";
import { subjectNames } from "./subjects.ts";

/** Medians of the rounds. */
export function reportText(machine: string, loads: readonly LoadResult[], removals: readonly RemovalResult[]): string {
  return [machine, ...loadTable(loads), ...memoryTable(loads), ...removalTable(removals)].join("\n\n");
}

function loadTable(loads: readonly LoadResult[]): string[] {
  const rows = scenarios.flatMap((scenario) => {
    const of = (subject: string, value: (load: LoadResult) => number) =>
      median(loads.filter((load) => load.scenario === scenario.name && load.subject === subject).map(value));
    if (!loads.some((load) => load.scenario === scenario.name)) return [];
    const reference = of("keepalived", ({ cpuMsPer1000 }) => cpuMsPer1000);
    return subjectNames.map((subject) => {
      const cpu = of(subject, ({ cpuMsPer1000 }) => cpuMsPer1000);
      return [
        scenario.name,
        subject,
        of(subject, ({ checksPerS }) => checksPerS).toFixed(0),
        cpu.toFixed(1),
        (cpu / reference).toFixed(2),
        subject === "lbctl" ? `<= ${scenario.wanted}` : "",
        of(subject, ({ allCpuMsPer1000 }) => allCpuMsPer1000).toFixed(1),
        of(subject, ({ pssMiB }) => pssMiB).toFixed(0),
        of(subject, ({ allPssMiB }) => allPssMiB).toFixed(0),
      ];
    });
  });
  if (rows.length === 0) return [];
  const head = ["", "", "checks/s", "CPU ms/1000", "ratio", "wanted", "all processes", "PSS MiB", "all processes"];
  return [textTable([head, ...rows], [2, 3, 4, 5, 6, 7, 8]).join("\n")];
}

/** What tenfold takes, where both sizes were measured. */
function memoryTable(loads: readonly LoadResult[]): string[] {
  const sizes = scenarios.filter(({ kind, realServers }) => kind === "TCP" && realServers >= 1000);
  const measured = sizes.map(({ name }) => loads.filter(({ scenario }) => scenario === name));
  if (measured.some((of) => of.length === 0)) return [];
  const rows = subjectNames.map((subject) => {
    const mib = measured.map((of) => median(of.filter((load) => load.subject === subject).map(({ pssMiB }) => pssMiB)));
    const [small = 0, large = 0] = mib;
    const [few = 0, many = 0] = sizes.map(({ realServers }) => realServers);
    const kibEach = ((large - small) * 1024) / (many - few);
    return [subject, small.toFixed(0), large.toFixed(0), (large / small).toFixed(1), kibEach.toFixed(1)];
  });
  const head = [
    "PSS MiB of the checker",
    ...sizes.map(({ realServers }) => `${realServers} real servers`),
    "ratio",
    "KiB each",
  ];
  return [textTable([head, ...rows], [1, 2, 3, 4]).join("\n")];
}

function removalTable(removals: readonly RemovalResult[]): string[] {
  if (removals.length === 0) return [];
  const rows = removals.map(({ realServers, subject, boundMs, tookMs, left }) => {
    const sorted = tookMs.toSorted((a, b) => a - b);
    const at = (share: number) => ((sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN) / 1000).toFixed(2);
    const beyond = sorted.filter((ms) => ms > boundMs).length;
    return [
      String(realServers),
      subject,
      String(sorted.length),
      at(0.1),
      at(0.5),
      at(0.9),
      at(1),
      String(boundMs / 1000),
      String(beyond),
      String(left),
    ];
  });
  const head = ["real servers", "removal, s", "deaths", "10 %", "50 %", "90 %", "worst", "bound", "beyond", "left"];
  return [textTable([head, ...rows], [0, 2, 3, 4, 5, 6, 7, 8, 9]).join("\n")];
}
