import { statSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, formatDiagnostic } from "../config/diagnostics.ts";
import { loadConfig } from "../config/load.ts";
import type { EventLog } from "../control/event-log.ts";
import { ControlSocketInUse } from "../control/server.ts";
import { makeDirectory } from "../files/make-directory.ts";
import type { Logger, LogLevel } from "../log/logger.ts";
import { OverrideFile } from "../operator/override-file.ts";
import { version } from "../version.ts";
import { logAddresses } from "./address-log.ts";
import { hideCompileCache } from "./compile-cache.ts";
import { allowCoreDumps, setCorePattern } from "./core-dump.ts";
import { DataplaneProcess } from "./dataplane-process.ts";
import { runEdgeScript } from "./edge-scripts.ts";
import type { ExitFlags } from "./exit-policy.ts";
import { enterNamespaces, NamespaceUnavailable } from "./namespaces.ts";
import { type DataPlaneName, DataPlaneUnavailable, openDataPlane } from "./open-data-plane.ts";
import { AlreadyRunning, claimPidFile } from "./pid-file.ts";
import { setProcessTitle } from "./process-title.ts";
import type { ProgramFlags } from "./program.ts";
import type { RunDir } from "./run-dir.ts";
import { takeNotifyEnvironment } from "./service-manager.ts";
import { listenForSignals } from "./signals.ts";
import { Supervisor } from "./supervisor.ts";
import type { ChildPidFiles } from "./supervisor-options.ts";
import { needsIpvs } from "./what-runs.ts";

export interface RunOptions {
  readonly configFile: string;
  /** Which `@id` lines of a keepalived.conf count; undefined for the host name. */
  readonly configId?: string | undefined;
  readonly dataPlane: DataPlaneName;
  /** Which half runs (-P, -C); null: both. */
  readonly only: "vrrp" | "checker" | null;
  /** Without -B. */
  readonly runsBfd: boolean;
  readonly runDir: RunDir;
  readonly pidFile: string;
  readonly exitFlags: ExitFlags;
  readonly flags: ProgramFlags;
  /** By role of the child: "VRRP", "checker", "BFD". */
  readonly childPidFiles: ChildPidFiles;
  /** A child that ends unasked is started again; without it, that is our end, too (-R). */
  readonly respawn: boolean;
  /** Every flaw of an included file is an error (-e). */
  readonly allIncludes: boolean;
  /** Both the VRRP and the checker process run, whatever is configured (--all). */
  readonly runsAll: boolean;
  /** Every address that comes and goes is logged (-a). */
  readonly logsAddresses: boolean;
  readonly coreDumps: boolean;
  /** For the kernel's core_pattern; null: it is left alone. */
  readonly corePattern: string | null;
  readonly ignoresSigint: boolean;
  /** Where what operators said is kept. */
  readonly stateDir: string;
  readonly events: EventLog;
  readonly level: LogLevel;
  readonly log: Logger;
}

/** sun_path of unix(7) without its final zero. */
const longestSocketPath = 107;

/** How a run ended, for the exit status. */
export type RunEnd =
  | { readonly kind: "stopped" }
  | { readonly kind: "config"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "data-plane"; readonly message: string; readonly hint: string }
  | { readonly kind: "not-permitted"; readonly message: string; readonly hint: string }
  | { readonly kind: "failed"; readonly message: string; readonly hint: string };

/** Runs the director in the foreground until it is told to stop. Resolves when everything is ended and cleaned up. */
export async function run(options: RunOptions): Promise<RunEnd> {
  const { configFile, dataPlane, runDir, log } = options;
  setProcessTitle("supervisor");
  hideCompileCache();
  const service = takeNotifyEnvironment(process.env, process.pid);
  const signals = listenForSignals(log, options.ignoresSigint ? ["SIGTERM"] : ["SIGTERM", "SIGINT"]);
  const died = Promise.withResolvers<string>();
  const loaded = await loadConfig(configFile, options);
  if (!loaded.ok) return { kind: "config", diagnostics: loaded.diagnostics };
  process.umask(options.flags.umask ?? loaded.program.umask);
  for (const warning of loaded.warnings) log.warning(formatDiagnostic(warning));

  if (Buffer.byteLength(runDir.dataplaneSocket) > longestSocketPath) {
    const message = `the run directory ${runDir.path} is too long: its sockets would have paths of over ${longestSocketPath} octets`;
    return { kind: "failed", message, hint: "Name a shorter one with --run-dir." };
  }

  let pidFile: Awaited<ReturnType<typeof claimPidFile>> | null = null;
  let dataplaneProcess: DataplaneProcess | null = null;
  let supervisor: Supervisor | null = null;
  const atEnd: (() => void)[] = [];
  if (options.coreDumps) allowCoreDumps(log);
  if (options.corePattern !== null) atEnd.push(setCorePattern(options.corePattern, log));
  try {
    const ipvsNetns = enterNamespaces(loaded.program);
    makeDirectory(runDir.path, 0o755);
    const owner = foreignOwner(runDir.path);
    if (owner !== null) {
      const message = `the run directory ${runDir.path} belongs to user ${owner}, who could replace what we keep there`;
      return { kind: "failed", message, hint: "Name another one with --run-dir, or remove it." };
    }
    pidFile = await claimPidFile(options.pidFile, (why) => log.notice(`pid file ${options.pidFile} is stale: ${why}`));
    if (dataPlane === "userspace") {
      dataplaneProcess = new DataplaneProcess(runDir, log, () => supervisor?.dataPlaneRestarted());
      await dataplaneProcess.start();
    }
    // It may load what comes next needs: the module of IPVS.
    await runEdgeScript("startup_script", loaded.program.startupScript, loaded.model.globalDefs.notify, log);
    // A machine that only does VRRP needs no IPVS.
    const needsDataPlane = (needsIpvs(loaded.model) || options.runsAll) && options.only !== "vrrp";
    const readOnly = needsDataPlane ? await openDataPlane(dataPlane, runDir, null, ipvsNetns) : null;
    const overrides = new OverrideFile(join(options.stateDir, "overrides.json"));
    const { model, vrrp, bfd, program } = loaded;
    if (options.logsAddresses) atEnd.push(logAddresses(log));
    const director = new Supervisor({
      ...options,
      ...{ overrides, model, vrrp, bfd, program, ipvsNetns, readOnly, service },
      onDeath: options.respawn ? null : died.resolve,
    });
    supervisor = director;
    await director.start();
    log.notice(
      `lbctl ${version} runs as process ${process.pid}: ${configFile}, data plane ${dataPlane}, control socket ${runDir.controlSocket}`,
    );
    // What goes wrong with a reload has been logged, and the old configuration stays in force.
    signals.handle({
      reload: () => void director.reload().catch(() => {}),
      dumpState: () => void director.program.dumps.state(),
      dumpStats: () => void director.program.dumps.stats(),
      clearStats: () => void director.clearStats(),
      dumpJson: () => void director.program.dumps.json(),
    });
    const death = await Promise.race([signals.stopRequested.then(() => null), died.promise]);
    await director.stop("ordered-stop");
    const inForce = director.program.inForce;
    await runEdgeScript("shutdown_script", inForce.program.shutdownScript, inForce.model.globalDefs.notify, log);
    if (death === null) return { kind: "stopped" };
    return { kind: "failed", message: death, hint: "With -R it is not started again." };
  } catch (error) {
    return startFailure(error);
  } finally {
    for (const end of atEnd) end();
    await dataplaneProcess?.end();
    pidFile?.release();
    if (pidFile !== null) log.notice("stopped");
  }
}

/** User id of a directory's owner if that is neither we nor root; null otherwise. */
function foreignOwner(path: string): number | null {
  const { uid } = statSync(path);
  return uid === 0 || uid === process.getuid?.() ? null : uid;
}

function startFailure(error: unknown): RunEnd {
  if (error instanceof NamespaceUnavailable) return { kind: "failed", message: error.message, hint: error.hint };
  if (error instanceof DataPlaneUnavailable) return { kind: "data-plane", message: error.message, hint: error.hint };
  if (error instanceof AlreadyRunning || error instanceof ControlSocketInUse) {
    return { kind: "failed", message: error.message, hint: 'Stop it first, or reload it with "lbctl reload".' };
  }
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return {
      kind: "not-permitted",
      message,
      hint: "Run as root, or name places that you may write with --run-dir and --pid.",
    };
  }
  // A file where a directory should be, a full disk, ...: the system's own words say it best.
  if (code !== undefined && syscall !== undefined) {
    return { kind: "failed", message, hint: "Mend that, or name other places with --run-dir and --pid." };
  }
  throw error;
}
