import { type Measurement, type Memory, type Timing, timingBenchmarks } from "./measurement.ts";
import { destinationsPerService } from "./sample-table.ts";
import { growthExponent, median, ratio } from "./statistics.ts";

/** One subject at one size of the table: medians over the rounds. */
export interface TimingRow {
  readonly benchmark: Timing["benchmark"];
  readonly subject: string;
  readonly services: number;
  readonly runs: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Per entry of the table (a service or a destination) in microseconds; null where the cost is not one of entries. */
  readonly cpuUsPerEntry: number | null;
  readonly wallUsPerEntry: number | null;
  /** Largest resident set in MiB; null where it was not measured. */
  readonly peakMiB: number | null;
  /** To the benchmark's reference at the same size. */
  readonly cpuRatio: number | null;
  readonly wallRatio: number | null;
  /** Of the CPU time over the sizes measured; 1 is linear. */
  readonly exponent: number | null;
}

export interface MemoryRow {
  readonly subject: string;
  readonly services: number;
  readonly process: string;
  readonly pssMiB: number;
  readonly rssMiB: number;
}

export interface Summary {
  readonly timings: readonly TimingRow[];
  readonly memory: readonly MemoryRow[];
}

/** The subject that each benchmark is compared with. */
export const references: Readonly<Record<Timing["benchmark"], string>> = {
  write: "ipvsadm -R",
  start: "ipvsadm -R",
  "read-back": "ipvsadm -Sn",
  reload: "keepalived SIGHUP",
  config: "keepalived -t",
  "config-one": "keepalived -t",
};

export function summarize(measurements: readonly Measurement[]): Summary {
  return {
    timings: timingRows(measurements.filter((one): one is Timing => one.kind === "timing")),
    memory: memoryRows(measurements.filter((one): one is Memory => one.kind === "memory")),
  };
}

type Medians = Omit<TimingRow, "cpuRatio" | "wallRatio" | "exponent">;

function timingRows(timings: readonly Timing[]): TimingRow[] {
  const groups = Map.groupBy(timings, ({ benchmark, subject, services }) => `${benchmark} ${subject} ${services}`);
  const rows = [...groups.values()].map(medians);
  return sorted(rows).map((row) => {
    const same = rows.filter(
      ({ subject, services }) => services === row.services && subject === references[row.benchmark],
    );
    // "start" has its reference in another benchmark.
    const reference = same.find(({ benchmark }) => benchmark === row.benchmark) ?? same[0];
    const sizes = rows.filter(({ benchmark, subject }) => benchmark === row.benchmark && subject === row.subject);
    return {
      ...row,
      cpuRatio: ratio(row.cpuMs, reference?.cpuMs),
      wallRatio: ratio(row.wallMs, reference?.wallMs),
      exponent: growthExponent(sizes.map(({ services, cpuMs }) => ({ size: services, cost: cpuMs }))),
    };
  });
}

function medians(runs: readonly Timing[]): Medians {
  const [{ benchmark, subject, services }] = runs as readonly [Timing];
  const cpuMs = median(runs.map((run) => run.cpuMs));
  const wallMs = median(runs.map((run) => run.wallMs));
  const entries = entriesOf(benchmark, services);
  const peaks = runs.flatMap(({ peakKiB }) => peakKiB ?? []);
  const peakMiB = peaks.length === 0 ? null : median(peaks) / 1024;
  const perEntryUs = (ms: number) => (entries === 0 ? null : (ms * 1000) / entries);
  const [cpuUsPerEntry, wallUsPerEntry] = [perEntryUs(cpuMs), perEntryUs(wallMs)];
  return { benchmark, subject, services, runs: runs.length, cpuMs, wallMs, cpuUsPerEntry, wallUsPerEntry, peakMiB };
}

/** Services and destinations; 0 where the cost is not one of entries. */
function entriesOf(benchmark: Timing["benchmark"], services: number): number {
  if (benchmark === "reload") return 0;
  return benchmark === "config-one" ? 1 + services : services * (1 + destinationsPerService);
}

/** By benchmark and size; within them in the order in which the subjects were first measured. */
function sorted(rows: readonly Medians[]): Medians[] {
  const order = (row: Medians) => timingBenchmarks.indexOf(row.benchmark);
  return [...rows].sort((a, b) => order(a) - order(b) || a.services - b.services);
}

/** Processes of the last session of each subject and size, and their sum. */
function memoryRows(sessions: readonly Memory[]): MemoryRow[] {
  const last = new Map(sessions.map((session) => [`${session.subject} ${session.services}`, session]));
  return [...last.values()]
    .sort((a, b) => a.services - b.services)
    .flatMap(({ subject, services, processes }) => {
      const rows = processes.map(({ title, pssKiB, rssKiB }) => ({
        subject,
        services,
        process: title,
        pssMiB: pssKiB / 1024,
        rssMiB: rssKiB / 1024,
      }));
      const sum = (of: (row: MemoryRow) => number) => rows.reduce((total, row) => total + of(row), 0);
      const total = { subject, services, process: "all", pssMiB: sum((r) => r.pssMiB), rssMiB: sum((r) => r.rssMiB) };
      return [...rows, total];
    });
}
