import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchContext } from "../context.ts";
import { configBenchmarks } from "../measurement.ts";
import { configText, type SampleConfig } from "../sample-config.ts";
import { destinationsPerService } from "../sample-table.ts";

const root = join(import.meta.dirname, "../../..");

interface Usage {
  readonly status: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly peakKiB: number;
}

/** Reading a configuration from start to verdict, whole processes, on the machine itself: nothing of it needs a kernel. */
export function config(
  { benchmarks, record, progress }: Omit<BenchContext, "guest">,
  size: number,
  round: number,
): void {
  const dir = mkdtempSync(join(tmpdir(), "lbctl-bench-"));
  try {
    for (const benchmark of configBenchmarks.filter((name) => benchmarks.has(name))) {
      progress(benchmark);
      const sample = sampleOf(benchmark, size);
      const [conf, yaml] = [join(dir, "lb.conf"), join(dir, "lb.yaml")];
      writeFileSync(conf, configText("keepalived.conf", sample));
      writeFileSync(yaml, configText("YAML", sample));
      const commands: readonly (readonly [string, readonly string[]])[] = [
        ["keepalived -t", ["keepalived", "-t", "-f", conf]],
        ["lbctl validate, keepalived.conf", [join(root, "bin/lbctl"), "validate", "-f", conf]],
        ["lbctl validate, YAML", [join(root, "bin/lbctl"), "validate", "-f", yaml]],
      ];
      for (const [subject, command] of round % 2 === 0 ? commands : commands.toReversed()) {
        const { cpuMs, wallMs, peakKiB } = usageOf(command, join(dir, "log"));
        record({ kind: "timing", benchmark, subject, services: size, cpuMs, wallMs, peakKiB });
      }
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** `size` virtual servers as in every other benchmark, or one with as many real servers. */
function sampleOf(benchmark: (typeof configBenchmarks)[number], size: number): SampleConfig {
  return benchmark === "config"
    ? { virtualServers: size, realServers: destinationsPerService }
    : { virtualServers: 1, realServers: size };
}

/** Throws when the command fails. */
function usageOf(command: readonly string[], log: string): Usage {
  const program = join(import.meta.dirname, "../rusage.pl");
  const usage = JSON.parse(execFileSync("perl", [program, log, ...command], { encoding: "utf8" })) as Usage;
  if (usage.status !== 0) throw new Error(`status ${usage.status} from ${command.join(" ")}:\n${tail(log)}`);
  return usage;
}

function tail(file: string): string {
  return readFileSync(file, "utf8").slice(-2000);
}
