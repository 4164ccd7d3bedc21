import { resolve } from "node:path";
import { Command } from "commander";
import { defaultConfigFile, defaultConfigFileText } from "../config/default-file.ts";
import type { Diagnostic } from "../config/diagnostics.ts";
import { type ConfigResult, loadConfig } from "../config/load.ts";
import { countOf } from "../text/count.ts";
import { configIdOption } from "./config-id-option.ts";
import { exitOfRefused, writeDiagnostics } from "./diagnostics.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

interface ValidateOptions {
  readonly useFile?: string;
  readonly configId?: string;
  readonly json?: true;
  readonly strict?: true;
  readonly offline?: true;
}

/** `lbctl validate`: everything that is wrong with a configuration file, and with what is probably not meant. */
export function validateCommand(): Command {
  return new Command("validate")
    .description("check a configuration file: every error and warning with its place and what to do about it")
    .option("-f, --use-file <file>", `the file to check: YAML or a keepalived.conf (${defaultConfigFileText})`)
    .addOption(configIdOption())
    .option("--json", "print the diagnostics as JSON on standard output")
    .option("--strict", "take warnings for errors")
    .option("--offline", "leave out what looks at this host: its files, interfaces and users")
    .action(async ({ useFile, configId, json, strict, offline }: ValidateOptions) => {
      const file = resolve(useFile ?? defaultConfigFile());
      const result = await loadConfig(file, { configId, offline });
      const exit = exitOf(result, strict === true);
      process.exitCode = exit;
      if (json === true) process.stdout.write(`${JSON.stringify(report(file, result, exit), null, 2)}\n`);
      else print(file, result);
    });
}

/** The exit status of a check; warnings count as errors when `strict`. */
export function exitOf(result: ConfigResult, strict: boolean): ExitCode {
  if (result.ok) return strict && result.warnings.length > 0 ? exitCodes.configInvalid : exitCodes.ok;
  return exitOfRefused(result.diagnostics);
}

function report(file: string, result: ConfigResult, exit: ExitCode) {
  const diagnostics = diagnosticsOf(result);
  return { version: 1, file, valid: exit === exitCodes.ok, ...count(diagnostics), diagnostics };
}

function print(file: string, result: ConfigResult): void {
  const diagnostics = diagnosticsOf(result);
  writeDiagnostics(diagnostics);
  const { errors, warnings } = count(diagnostics);
  if (errors + warnings > 0) process.stderr.write(`${countOf(errors, "error")}, ${countOf(warnings, "warning")}\n`);
  else if (result.ok) process.stdout.write(`${file}: ${summary(result)}\n`);
}

function summary({ model: { virtualServers }, vrrp: { instances } }: ConfigResult & { readonly ok: true }): string {
  const realServers = virtualServers.reduce((sum, each) => sum + each.realServers.length, 0);
  const servers = `${countOf(virtualServers.length, "virtual server")}, ${countOf(realServers, "real server")}`;
  return instances.length === 0
    ? `valid, ${servers}`
    : `valid, ${countOf(instances.length, "VRRP instance")}, ${servers}`;
}

function diagnosticsOf(result: ConfigResult): readonly Diagnostic[] {
  return result.ok ? result.warnings : result.diagnostics;
}

function count(diagnostics: readonly Diagnostic[]): { readonly errors: number; readonly warnings: number } {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  return { errors, warnings: diagnostics.length - errors };
}
