import { parseArgs } from "node:util";
import { type BenchmarkName, benchmarkNames } from "./measurement.ts";

export const kernels = ["uml", "6.12"] as const;
export type Kernel = (typeof kernels)[number];

export interface BenchOptions {
  readonly benchmarks: ReadonlySet<BenchmarkName>;
  readonly kernel: Kernel;
  /** Sizes of the table in services, ascending. */
  readonly sizes: readonly number[];
  /** Sizes of the configurations that are only read. */
  readonly configSizes: readonly number[];
  /** Rounds at the smallest size; half of them, at least one, at larger ones. */
  readonly rounds: number;
  /** File for the results; null is one of its own in bench-results. */
  readonly jsonFile: string | null;
}

/** The command line was wrong; the message says how. */
export class UsageError extends Error {
  readonly code = "usage";
}

export const usage = `usage: npm run bench -- [${benchmarkNames.join("|")}]... [--quick] [--kernel ${kernels.join("|")}]
                    [--services N[,N...]] [--rounds N] [--json FILE]`;

/** @throws UsageError */
export function parseOptions(words: readonly string[]): BenchOptions {
  const { values, positionals } = parsed(words);
  const quick = values.quick === true;
  const names = positionals.map((word) => oneOf(benchmarkNames, word, "benchmark"));
  const sizes = (standard: string) => ascending(values.services ?? (quick ? "1000" : standard));
  return {
    benchmarks: new Set(names.length === 0 ? benchmarkNames : names),
    kernel: oneOf(kernels, values.kernel ?? "uml", "kernel"),
    sizes: sizes("1000,10000"),
    configSizes: sizes("1000,5000,20000"),
    rounds: positive(values.rounds ?? (quick ? "1" : "4"), 1000),
    jsonFile: values.json ?? null,
  };
}

function ascending(list: string): number[] {
  const sizes = list.split(",").map((text) => positive(text, 60_000));
  return [...new Set(sizes)].sort((a, b) => a - b);
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        quick: { type: "boolean" },
        kernel: { type: "string" },
        services: { type: "string" },
        rounds: { type: "string" },
        json: { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function oneOf<const T extends string>(allowed: readonly T[], word: string, what: string): T {
  const found = allowed.find((name) => name === word);
  if (found === undefined) throw new UsageError(`"${word}" is no ${what}: ${allowed.join(", ")}`);
  return found;
}

function positive(text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > max)
    throw new UsageError(`"${text}" is not a number from 1 to ${max}`);
  return value;
}
