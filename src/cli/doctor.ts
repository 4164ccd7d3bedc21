import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { defaultConfigFile, keepalivedConfigFile, ownConfigFile } from "../config/default-file.ts";
import { loadConfig } from "../config/load.ts";
import { type CheckId, checkIds, checksNamed, groupNames } from "../doctor/checks.ts";
import { collect } from "../doctor/collect/collect.ts";
import { askDaemon } from "../doctor/collect/daemon.ts";
import { judge } from "../doctor/judge/every-judge.ts";
import { needsOf } from "../doctor/needs.ts";
import { countStatuses, doctorDocument, renderDoctor } from "../doctor/report.ts";
import { type DataPlaneName, dataPlaneNames } from "../supervisor/checkers/open-data-plane.ts";
import { configIdOption } from "./config-id-option.ts";
import { controlSocket } from "./daemon-command.ts";
import { exitOfRefused, writeDiagnostics } from "./diagnostics.ts";
import { exitCodes } from "./exit-codes.ts";
import { progressOn } from "./progress.ts";
import { runDirOption } from "./run-dir-option.ts";
import { type Paint, paintFor } from "./style.ts";
import { shellWord } from "./usage.ts";

interface DoctorOptions {
  readonly useFile?: string;
  readonly configId?: string;
  readonly dataplane?: DataPlaneName;
  readonly only?: ReadonlySet<CheckId>;
  readonly skipWire?: true;
  readonly listen?: number;
  readonly strict?: true;
  readonly json?: true;
  readonly runDir?: string;
}

/** `lbctl doctor`: what of this machine and its network does not fit the configuration. Changes nothing. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description(
      "check this machine and its network against the configuration: what is wrong, why it matters, what mends it",
    )
    .option(
      "-f, --use-file <file>",
      `the configuration: YAML or a keepalived.conf (default: that of the lbctl that runs, else ${ownConfigFile} or ${keepalivedConfigFile})`,
    )
    .addOption(configIdOption())
    .addOption(
      new Option(
        "--dataplane <name>",
        "where the table will live (default: without -f that of the lbctl that runs, else ipvs)",
      ).choices(dataPlaneNames),
    )
    .option("--only <checks>", `only these, with commas between: checks, or ${groupNames.join(", ")}`, checksOf)
    .option("--skip-wire", "send nothing and listen to nothing")
    .option("--listen <seconds>", "how long to listen for adverts (default: three of their intervals)", seconds)
    .option("--strict", "take warnings for failures")
    .option("--json", "print the findings as JSON")
    .addOption(runDirOption())
    .action(run);
}

function checksOf(text: string): ReadonlySet<CheckId> {
  const checks = checksNamed(text.split(",").map((word) => word.trim()));
  if (checks === null) throw new InvalidArgumentError(`write some of ${[...groupNames, ...checkIds].join(", ")}`);
  return checks;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 600)) throw new InvalidArgumentError("write seconds, up to 600");
  return value;
}

async function run(options: DoctorOptions): Promise<void> {
  const asked = await askDaemon(controlSocket(options));
  const running = options.useFile === undefined ? asked.daemon : null;
  const file = resolve(options.useFile ?? running?.configFile ?? defaultConfigFile());
  if (asked.silentS !== null && options.useFile === undefined) {
    const silent = `the lbctl that runs has not answered for ${asked.silentS} s, and its file is not known`;
    process.stderr.write(`lbctl doctor: ${silent}: ${file} is taken (-f names another)\n`);
  }
  const config = await loadConfig(file, { configId: options.configId ?? running?.configId });
  if (!config.ok) {
    process.exitCode = exitOfRefused(config.diagnostics);
    if (options.json !== true) return writeDiagnostics(config.diagnostics);
    const error = { code: "config-invalid", diagnostics: config.diagnostics };
    process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
    return;
  }
  const checks = options.only ?? new Set(checkIds);
  const needs = needsOf(config, (options.dataplane ?? running?.dataPlane ?? "ipvs") === "ipvs");
  const progress = progressOn(process.stderr);
  const facts = await collect(needs, config, {
    asked,
    skipWire: options.skipWire === true,
    listenMs: options.listen === undefined ? null : options.listen * 1000,
    wants: (each) => checks.has(each),
    onProgress: progress.show,
    doctorCommand: `lbctl doctor${options.useFile === undefined ? "" : ` -f ${shellWord(file)}`}`,
  });
  progress.end();
  const findings = judge(checks, needs, facts, config);
  const { failure, warning } = countStatuses(findings);
  if (failure > 0 || (options.strict === true && warning > 0)) process.exitCode = exitCodes.failed;
  const text =
    options.json === true
      ? JSON.stringify(doctorDocument(file, findings), null, 2)
      : renderDoctor(findings, paintStatus(paintFor(process.stdout)), file).join("\n");
  process.stdout.write(`${text}\n`);
}

const colours = { ok: "green", warning: "yellow", failure: "red", unknown: "cyan", dim: "dim", bold: "bold" } as const;

function paintStatus(paint: Paint): Parameters<typeof renderDoctor>[1] {
  return (status, text) => paint(colours[status], text);
}
