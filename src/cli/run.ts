import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { defaultConfigFile } from "../config/default-file.ts";
import { formatDiagnostic } from "../config/format-diagnostic.ts";
import { listenAddress } from "../config/keywords/values/listen-address.ts";
import { umask as umaskType } from "../config/keywords/values/system.ts";
import { loadConfig } from "../config/load.ts";
import { EventLog } from "../control/event-log.ts";
import { type Facility, facilityNumber } from "../log/format.ts";
import { createLogger, type LogLevel } from "../log/logger.ts";
import type { LogSink } from "../log/record.ts";
import { isSuccessor } from "../supervisor/handover/messages.ts";
import type { ProgramFlags } from "../supervisor/program/program.ts";
import { runDir, stateDir } from "../supervisor/program/run-dir.ts";
import { type SignalFunction, signalNumbers } from "../supervisor/program/signal-numbers.ts";
import { run } from "../supervisor/run.ts";
import type { RunEnd } from "../supervisor/run-end.ts";
import { exitOfRefused, writeDiagnostics } from "./diagnostics.ts";
import { enterNamespace } from "./enter-namespace.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { openLogs } from "./open-logs.ts";
import { type RunOptionsGiven, runCommandWithOptions } from "./run-options.ts";

/** `lbctl run`: the daemon, in the foreground. */
export function runCommand(): Command {
  return runCommandWithOptions().action(async (options: RunOptionsGiven) => {
    if (options.signum !== undefined) return printSignal(options.signum);
    if (options.snmp || options.snmpAgentSocket !== undefined) return usage("-x and -A: there is no SNMP agent yet");
    const prevented = options.namespace === undefined || isSuccessor() ? null : enterNamespace(options.namespace);
    if (prevented !== null) return usage(prevented);
    if (options.configTest !== undefined) return testConfig(options, options.configTest);
    const facility = facilityOf(options.logFacility ?? "daemon");
    if (facility === null)
      return usage(`--log-facility takes 0 to 7, local0 to local7, user or daemon, not "${options.logFacility}"`);
    const mask = options.umask === undefined ? null : umaskType.parse([options.umask]);
    if (mask?.ok === false) return usage(`--umask takes ${umaskType.expected}, not "${options.umask}"`);
    const metrics = options.metricsAddress === undefined ? null : listenAddress.parse([options.metricsAddress]);
    if (metrics?.ok === false) {
      const hint = metrics.hint === null ? "" : ` (${metrics.hint})`;
      return usage(`--metrics-address takes ${listenAddress.expected}, not "${options.metricsAddress}"${hint}`);
    }
    let sink: LogSink;
    try {
      sink = openLogs(options, facility);
    } catch (error) {
      return usage((error as Error).message);
    }
    // Handles of a half-started daemon must not keep it alive.
    process.exit(
      report(await runWith(options, sink, { umask: mask?.value ?? null, metricsAddress: metrics?.value ?? null })),
    );
  });
}

function runWith(options: RunOptionsGiven, sink: LogSink, given: Omit<ProgramFlags, "dumpConf">): Promise<RunEnd> {
  const pathOf = (file: string | undefined): string | null => (file === undefined ? null : resolve(file));
  const givenRunDir = pathOf(options.runDir) ?? undefined;
  const level: LogLevel = { severity: options.logDetail || options.debug !== undefined ? "debug" : "info" };
  const events = new EventLog();
  const pattern = options.coreDumpPattern;
  return run({
    configFile: resolve(options.useFile ?? defaultConfigFile()),
    configId: options.configId,
    allIncludes: options.allConfig === true,
    dataPlane: options.dataplane,
    places: (instance) => {
      const directory = runDir(givenRunDir, instance);
      return {
        runDir: directory,
        pidFile: pathOf(options.pid) ?? directory.pidFile,
        stateDir: stateDir(pathOf(options.stateDir) ?? undefined, givenRunDir, instance),
      };
    },
    childPidFiles: {
      VRRP: pathOf(options.vrrp_pid),
      checker: pathOf(options.checkers_pid),
      BFD: pathOf(options.bfd_pid),
    },
    only: options.vrrp === options.check ? null : options.vrrp ? "vrrp" : "checker",
    runsBfd: options.no_bfd !== true,
    events,
    level,
    runsAll: options.all === true,
    respawn: options.dontRespawn !== true,
    logsAddresses: options.addressMonitoring === true,
    coreDumps: options.coreDump === true || pattern !== undefined,
    corePattern: pattern === undefined ? null : pattern === true ? "core" : pattern,
    ignoresSigint: options.ignoreSigint === true,
    flags: { ...given, dumpConf: options.dumpConf === true },
    exitFlags: {
      dontReleaseIpvs: options.dontReleaseIpvs === true,
      dontReleaseVrrp: options.dontReleaseVrrp === true,
    },
    log: createLogger({
      sink,
      role: "supervisor",
      level,
      nowEpochMs: Date.now,
      onEvent: (record) => events.append(record),
    }),
  });
}

function report(end: RunEnd): ExitCode {
  switch (end.kind) {
    case "stopped":
      return exitCodes.ok;
    case "config":
      writeDiagnostics(end.diagnostics);
      return exitOfRefused(end.diagnostics);
    case "data-plane":
      process.stderr.write(`lbctl run: ${end.message}\n  ${end.hint}\n`);
      return exitCodes.dataPlaneUnavailable;
    case "not-permitted":
      process.stderr.write(`lbctl run: ${end.message}\n  ${end.hint}\n`);
      return exitCodes.noPermission;
    case "failed":
      process.stderr.write(`lbctl run: ${end.message}\n  ${end.hint}\n`);
      return exitCodes.failed;
  }
}

/** -t: as `lbctl validate`, with what is wrong in a file when one is named. */
async function testConfig({ useFile, configId, allConfig }: RunOptionsGiven, file: string | true): Promise<void> {
  const result = await loadConfig(resolve(useFile ?? defaultConfigFile()), {
    configId,
    allIncludes: allConfig === true,
  });
  const diagnostics = result.ok ? result.warnings : result.diagnostics;
  process.exitCode = result.ok ? exitCodes.ok : exitOfRefused(diagnostics);
  if (file === true) return writeDiagnostics(diagnostics);
  try {
    writeFileSync(file, diagnostics.map((each) => `${formatDiagnostic(each)}\n`).join(""));
  } catch (error) {
    usage(`--config-test: ${(error as Error).message}`);
  }
}

/** For `kill -s $(lbctl run --signum=RELOAD) ...`, as keepalived has it. */
function printSignal(name: string): void {
  if (Object.hasOwn(signalNumbers, name)) process.stdout.write(`${signalNumbers[name as SignalFunction]}\n`);
  else usage(`--signum takes ${Object.keys(signalNumbers).join(", ")}, not "${name}"`);
}

function facilityOf(text: string): Facility | null {
  const name = /^[0-7]$/.test(text) ? `local${text}` : text;
  return Object.hasOwn(facilityNumber, name) ? (name as Facility) : null;
}

function usage(message: string): void {
  process.stderr.write(`lbctl run: ${message}\n`);
  process.exitCode = exitCodes.usage;
}
