import { resolve } from "node:path";
import { Command, Option } from "commander";
import { umask as umaskType } from "../config/keywords/values/system.ts";
import { defaultConfigFile } from "../config/load.ts";
import { EventLog } from "../control/event-log.ts";
import { type Facility, facilityNumber } from "../log/format.ts";
import { createLogger, type LogLevel } from "../log/logger.ts";
import type { LogSink } from "../log/record.ts";
import { type LogTarget, logTargets, openLog } from "../log/sinks.ts";
import { type DataPlaneName, dataPlaneNames } from "../supervisor/open-data-plane.ts";
import { type RunEnd, run } from "../supervisor/run.ts";
import { runDir, stateDir } from "../supervisor/run-dir.ts";
import { type SignalFunction, signalNumbers } from "../supervisor/signal-numbers.ts";
import { configIdOption } from "./config-id-option.ts";
import { exitOfRefused, writeDiagnostics } from "./diagnostics.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { runDirOption } from "./run-dir-option.ts";

interface RunCommandOptions {
  readonly useFile: string;
  readonly configId?: string;
  readonly dataplane: DataPlaneName;
  readonly pid?: string;
  readonly dontReleaseIpvs?: true;
  readonly dontReleaseVrrp?: true;
  readonly vrrp?: true;
  readonly check?: true;
  readonly no_bfd?: true;
  readonly log: LogTarget;
  readonly logConsole?: true;
  readonly logDetail?: true;
  readonly logFacility: string;
  readonly runDir?: string;
  readonly umask?: string;
  readonly dumpConf?: true;
  readonly signum?: string;
  readonly stateDir?: string;
}

/** `lbctl run`: the daemon, in the foreground. */
export function runCommand(): Command {
  return new Command("run")
    .description(
      "run the director in the foreground: probe the real servers and keep the table right (SIGHUP reloads, SIGTERM stops)",
    )
    .option("-f, --use-file <file>", "configuration file: YAML or a keepalived.conf", defaultConfigFile)
    .addOption(configIdOption())
    .addOption(new Option("--dataplane <name>", "where the table lives").choices(dataPlaneNames).default("ipvs"))
    .option("-p, --pid <file>", "pid file (default: lbctl.pid in the run directory)")
    .option("-I, --dont-release-ipvs", "leave the IPVS table as it is when stopped")
    .option("-V, --dont-release-vrrp", "leave the virtual addresses where they are when stopped")
    .option("-P, --vrrp", "run only VRRP")
    .option("-C, --check", "run only the checks of virtual servers")
    .option("-B, --no_bfd", "run no BFD sessions: VRRP instances that track one find it down")
    .addOption(new Option("--log <target>", "where the log goes").choices(logTargets).default("auto"))
    .option("-l, --log-console", "the same as --log console")
    .option("-D, --log-detail", "log details too: failed checks that take nothing down yet")
    .addOption(
      new Option("-S, --log-facility <number>", "syslog facility local0 to local7, or daemon").default("daemon"),
    )
    .option("-u, --umask <mask>", "permissions that new files do not get: a number as in umask(2)")
    .option("-d, --dump-conf", "log the configuration, now and after each reload, as JSON")
    .option("--signum <function>", `print the number of the signal for ${Object.keys(signalNumbers).join(", ")}`)
    .addOption(runDirOption())
    .option("--state-dir <directory>", "where what operators said is kept over restarts (default: /var/lib/lbctl)")
    .action(async (options: RunCommandOptions) => {
      if (options.signum !== undefined) return printSignal(options.signum);
      const facility = facilityOf(options.logFacility);
      if (facility === null)
        return usage(`--log-facility takes 0 to 7, local0 to local7 or daemon, not "${options.logFacility}"`);
      const mask = options.umask === undefined ? null : umaskType.parse([options.umask]);
      if (mask?.ok === false) return usage(`--umask takes ${umaskType.expected}, not "${options.umask}"`);
      const umask = mask === null ? null : mask.value;
      let sink: LogSink;
      try {
        sink = openLog(options.logConsole ? "console" : options.log, facility);
      } catch (error) {
        return usage((error as Error).message);
      }
      const level: LogLevel = { severity: options.logDetail ? "debug" : "info" };
      const events = new EventLog();
      const log = createLogger({
        sink,
        role: "supervisor",
        level,
        nowEpochMs: Date.now,
        onEvent: (record) => events.append(record),
      });
      const givenRunDir = options.runDir === undefined ? undefined : resolve(options.runDir);
      const directory = runDir(givenRunDir);
      const end = await run({
        configFile: resolve(options.useFile),
        configId: options.configId,
        dataPlane: options.dataplane,
        runDir: directory,
        stateDir: stateDir(options.stateDir === undefined ? undefined : resolve(options.stateDir), givenRunDir),
        events,
        level,
        pidFile: options.pid === undefined ? directory.pidFile : resolve(options.pid),
        only: options.vrrp === options.check ? null : options.vrrp ? "vrrp" : "checker",
        runsBfd: options.no_bfd !== true,
        flags: { umask, dumpConf: options.dumpConf === true },
        exitFlags: {
          dontReleaseIpvs: options.dontReleaseIpvs === true,
          dontReleaseVrrp: options.dontReleaseVrrp === true,
        },
        log,
      });
      // Handles of a half-started daemon must not keep it alive.
      process.exit(report(end));
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
