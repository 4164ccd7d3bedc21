// npm run bench -- vrrp: the same configuration under lbctl and keepalived, on this machine, one after the other.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Bench, type Subject, subjects } from "./bench.ts";
import { load } from "./load.ts";
import { outage } from "./outage.ts";
import { saturated } from "./saturated.ts";
import { takeover, takeoverOfMany } from "./takeover.ts";

const benchmarkNames = ["takeover", "many", "outage", "load", "saturated"] as const;
type BenchmarkName = (typeof benchmarkNames)[number];

const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    only: { type: "string" },
    "advert-ms": { type: "string" },
  },
});
const { quick } = options;
const intervalsMs = (options["advert-ms"] ?? "10,100,1000").split(",").map(Number);
const wanted = new Set(options.only?.split(",") ?? benchmarkNames);
for (const name of wanted) {
  if (!benchmarkNames.includes(name as BenchmarkName)) {
    throw new RangeError(`"${name}" is no benchmark: ${benchmarkNames.join(", ")}`);
  }
}

interface Task {
  readonly name: BenchmarkName;
  /** About how long it takes. */
  readonly seconds: number;
  readonly run: (subject: Subject) => Promise<void>;
}

const bench = new Bench(quick);
const runs = quick ? 4 : 20;
const outages = quick ? 2 : 5;
const loadS = quick ? 5 : 8;
const tasks: readonly Task[] = [
  ...intervalsMs.map((advertMs): Task => {
    const seconds = advertMs >= 1000 ? 8 + runs * 3 : 4 + runs * (1.6 + advertMs / 100);
    return { name: "takeover", seconds, run: (subject) => takeover(bench, subject, advertMs, runs) };
  }),
  { name: "many", seconds: 18, run: (subject) => takeoverOfMany(bench, subject, 100) },
  ...(["stop", "kill"] as const).map(
    (how): Task => ({ name: "outage", seconds: 16, run: (subject) => outage(bench, subject, how, outages) }),
  ),
  ...(["master", "backup"] as const).flatMap((as) =>
    intervalsMs.map(
      (advertMs): Task => ({
        ...{ name: "load", seconds: loadS + 21 },
        run: (subject) => load(bench, subject, as, advertMs, loadS),
      }),
    ),
  ),
  { name: "saturated", seconds: quick ? 30 : 80, run: (subject) => saturated(bench, subject, false, quick ? 10 : 60) },
  { name: "saturated", seconds: quick ? 30 : 40, run: (subject) => saturated(bench, subject, true, quick ? 10 : 20) },
];

/** One that fails is told, and the others go on. */
const failures: string[] = [];
const chosen = tasks.filter(({ name }) => wanted.has(name));
const minutes = (chosen.reduce((sum, { seconds }) => sum + seconds, 0) * subjects.length) / 60;
bench.progress(`${chosen.length} benchmarks for ${subjects.join(" and ")}: about ${Math.ceil(minutes)} minutes`);
for (const { name, run } of chosen) {
  for (const subject of subjects) {
    try {
      await run(subject);
    } catch (error) {
      const message = String(error instanceof Error ? error.message : error).split("\n")[0];
      failures.push(`${name}, ${subject}: ${message}`);
      bench.progress(`${name}, ${subject} failed: ${message}`);
    }
  }
}
process.stdout.write(`\n${bench.report()}\n`);
const stamp = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
const file = resolve(options.json ?? join(import.meta.dirname, "../../../bench-results", `${stamp}-vrrp.json`));
mkdirSync(dirname(file), { recursive: true });
const results = { version: 1, cpu: cpus()[0]?.model, load: loadavg()[0], rows: bench.rows, failures };
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
bench.progress(`results: ${file}`);
if (failures.length > 0) process.exitCode = 1;
