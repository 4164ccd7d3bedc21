// npm run bench -- checks: the same checks by lbctl and keepalived, on this machine, one after the other.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Lab } from "./lab.ts";
import { type LoadResult, measureLoad } from "./load.ts";
import { measureRemoval, type RemovalResult } from "./removal.ts";
import { reportText } from "./report.ts";
import { scenarios } from "./scenario.ts";
import { subjectNames } from "./subjects.ts";

const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    only: { type: "string" },
    json: { type: "string" },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 1 : 3));
const seconds = options.quick ? 8 : 18;
const isWanted = (name: string) => options.only === undefined || name.includes(options.only);
const startedMs = performance.now();
const progress = (text: string) =>
  process.stderr.write(`${((performance.now() - startedMs) / 1000).toFixed(0).padStart(5)} s  ${text}\n`);

const loads: LoadResult[] = [];
const removals: RemovalResult[] = [];
const lab = await Lab.open();
try {
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? subjectNames : subjectNames.toReversed();
    for (const scenario of scenarios.filter(({ name }) => isWanted(name))) {
      for (const subject of order) {
        const load = await measureLoad(lab, scenario, subject, seconds);
        loads.push(load);
        progress(`${scenario.name}, ${subject}: ${load.cpuMsPer1000.toFixed(1)} ms of CPU per 1000 checks`);
      }
    }
  }
  for (const realServers of [100, 10_000]) {
    const name = `removal, ${realServers}`;
    if (!isWanted(name)) continue;
    for (const subject of subjectNames) {
      removals.push(await measureRemoval(lab, realServers, subject, options.quick ? 20 : 60));
      progress(`${name}, ${subject}`);
    }
  }
} finally {
  await lab.close();
}
const machine = `${cpus().length} x ${cpus()[0]?.model}, load ${loadavg()[1]?.toFixed(1)}, Node ${process.versions.node}`;
process.stdout.write(`\n${reportText(machine, loads, removals)}\n`);
const stamp = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
const file = resolve(options.json ?? join(import.meta.dirname, "../../../bench-results", `${stamp}-checks.json`));
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify({ version: 1, machine, loads, removals }, null, 2)}\n`);
progress(`results: ${file}`);
