import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { bootQemuGuest } from "../kernel/qemu/qemu-guest.ts";
import { bootGuest, type Guest } from "../kernel/uml/guest.ts";
import { config } from "./benchmarks/config.ts";
import { daemons } from "./benchmarks/daemons.ts";
import { direct } from "./benchmarks/direct.ts";
import type { BenchContext } from "./context.ts";
import { lbctl } from "./lbctl.ts";
import { type MachineFacts, machineFacts } from "./machine-facts.ts";
import { type BenchmarkName, configBenchmarks, type Measurement } from "./measurement.ts";
import { type BenchOptions, parseOptions, UsageError, usage } from "./options.ts";
import { reportText } from "./report.ts";
import { inFreshSpace, prepareSpaces } from "./space.ts";
import { summarize } from "./summary.ts";

const ofDaemons: readonly BenchmarkName[] = ["start", "reload", "read-back", "memory"];
const checkout = join(import.meta.dirname, "../..");

async function main(options: BenchOptions): Promise<void> {
  const measurements: Measurement[] = [];
  const { benchmarks } = options;
  const record = (one: Measurement): void => void measurements.push(one);
  if (configBenchmarks.some((name) => benchmarks.has(name))) measureConfig({ benchmarks, record, progress }, options);
  progress(`booting the guest (${options.kernel})`);
  const guest = await boot(options);
  try {
    await prepareSpaces(guest);
    await warmUp(guest);
    await measure({ guest, benchmarks, record, progress }, options);
    const facts = await machineFacts(guest);
    process.stdout.write(`\n${reportText(facts, summarize(measurements))}`);
    progress(`results: ${writeJson(facts, measurements, options)}`);
  } finally {
    await guest.close();
  }
}

/** Every size; within a size the rounds, in which the order of the subjects alternates. */
async function measure(context: BenchContext, { sizes, rounds, benchmarks }: BenchOptions): Promise<void> {
  if (benchmarks.has("memory")) await daemons({ ...context, benchmarks: new Set(["memory"]) }, 0, 0);
  for (const services of sizes) {
    const count = services === sizes[0] ? rounds : Math.ceil(rounds / 2);
    for (let round = 0; round < count; round++) {
      const labelled = {
        ...context,
        progress: (text: string) => progress(`${services} services, round ${round + 1} of ${count}: ${text}`),
      };
      if (benchmarks.has("write") || benchmarks.has("read-back")) await direct(labelled, services, round);
      if (ofDaemons.some((name) => benchmarks.has(name))) await daemons(labelled, services, round);
    }
  }
}

function measureConfig(context: Omit<BenchContext, "guest">, { configSizes, rounds }: BenchOptions): void {
  config({ ...context, record: () => {}, progress: () => progress("warming up") }, 10, 0);
  for (const size of configSizes) {
    for (let round = 0; round < rounds; round++) {
      const labelled = (text: string) => progress(`${size}, round ${round + 1} of ${rounds}: ${text}`);
      config({ ...context, progress: labelled }, size, round);
    }
  }
}

/** Nobody measures a machine on which the program runs for the first time: Node keeps what it compiled when it ends. */
async function warmUp(guest: Guest): Promise<void> {
  progress("warming up");
  await inFreshSpace(guest, async (space) => {
    const daemon = lbctl(space);
    await daemon.start(10);
    await daemon.reload(10, 2);
    await daemon.stop();
  });
}

function boot({ kernel }: BenchOptions): Promise<Guest> {
  return kernel === "uml" ? bootGuest({ memoryMiB: 3072 }) : bootQemuGuest({ memoryMiB: 4096, cpuCount: 1 });
}

function writeJson(facts: MachineFacts, measurements: readonly Measurement[], { jsonFile, kernel }: BenchOptions) {
  const stamp = facts.date.replaceAll(":", "-").slice(0, 19);
  const file = jsonFile === null ? join(checkout, "bench-results", `${stamp}-${kernel}.json`) : resolve(jsonFile);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ version: 1, facts, ...summarize(measurements), measurements }, null, 2)}\n`);
  return file;
}

const startMs = performance.now();

function progress(text: string): void {
  process.stderr.write(`${((performance.now() - startMs) / 1000).toFixed(0).padStart(5)} s  ${text}\n`);
}

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n${usage}\n`);
  process.exitCode = 2;
}
