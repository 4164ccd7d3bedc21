import { statSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { NetlinkError } from "ipvs-netlink";
import { formatDiagnostic } from "../config/format-diagnostic.ts";
import { type ConfigResult, loadConfig } from "../config/load.ts";
import type { ReloadResult } from "../control/api.ts";
import type { EventLog } from "../control/event-log.ts";
import { ControlSocketInUse } from "../control/server.ts";
import { makeDirectory } from "../files/make-directory.ts";
import type { Logger, LogLevel } from "../log/logger.ts";
import { OverrideFile } from "../operator/override-file.ts";
import { version } from "../version.ts";
import { DataplaneProcess } from "./checkers/dataplane-process.ts";
import type { ExitFlags } from "./checkers/exit-policy.ts";
import { loadIpvs } from "./checkers/load-ipvs.ts";
import { type DataPlaneName, DataPlaneUnavailable, openDataPlane } from "./checkers/open-data-plane.ts";
import { careOf } from "./children/care.ts";
import { ChildWatch } from "./children/child-watch.ts";
import { setProcessTitle } from "./children/process-title.ts";
import { StandbyFailed } from "./children/standby.ts";
import { runEdgeScript } from "./edge-scripts.ts";
import { OwnProgram } from "./handover/own-program.ts";
import { passOn, passOnStop } from "./handover/pass-on.ts";
import { Succession } from "./handover/succession.ts";
import { logAddresses } from "./program/address-log.ts";
import { settleCompileCache } from "./program/compile-cache.ts";
import { allowCoreDumps, setCorePattern } from "./program/core-dump.ts";
import { enterNamespaces, NamespaceUnavailable } from "./program/namespaces.ts";
import { AlreadyRunning, claimPidFile } from "./program/pid-file.ts";
import type { ProgramFlags } from "./program/program.ts";
import { type RunDir, runDir as runDirectory } from "./program/run-dir.ts";
import { takeNotifyEnvironment } from "./program/service-manager.ts";
import { listenForSignals } from "./program/signals.ts";
import type { RunEnd } from "./run-end.ts";
import { Supervisor } from "./supervisor.ts";
import type { ChildPidFiles } from "./supervisor-options.ts";
import { expectVrrpPermitted, VrrpNotPermitted } from "./vrrp/vrrp-permission.ts";
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
  /** Where a director of this name keeps its files; null: the configuration does not name it. */
  readonly places: (instance: string | null) => RunPlaces;
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
  readonly events: EventLog;
  readonly level: LogLevel;
  readonly log: Logger;
}

export interface RunPlaces {
  readonly runDir: RunDir;
  readonly pidFile: string;
  /** Where what operators said is kept. */
  readonly stateDir: string;
}

/** sun_path of unix(7) without its final zero. */
const longestSocketPath = 107;

/**
 * Runs the director in the foreground until it is told to stop, or another process takes its place. Resolves when everything is
 * ended and cleaned up.
 */
export async function run(options: RunOptions): Promise<RunEnd> {
  setProcessTitle("supervisor");
  settleCompileCache();
  const ownProgram = OwnProgram.take(process);
  const succession = await Succession.begin(process);
  const end = await runDirector(succession === null ? options : inPlaces(options, succession), ownProgram, succession);
  if (succession !== null && !succession.hasSettled && end.kind !== "stopped") await succession.refuse(end);
  return end;
}

/** A successor works where its predecessor did, which has perhaps moved to another network namespace, and from the same file. */
function inPlaces(options: RunOptions, { places }: Succession): RunOptions {
  const { stateDir, pidFile, configFile = options.configFile } = places;
  return { ...options, configFile, places: () => ({ runDir: runDirectory(places.runDir), stateDir, pidFile }) };
}

async function runDirector(
  options: RunOptions,
  ownProgram: OwnProgram,
  succession: Succession | null,
): Promise<RunEnd> {
  const { configFile, dataPlane, log } = options;
  const service = takeNotifyEnvironment(process.env, process.pid);
  const signals = listenForSignals(log, options.ignoresSigint ? ["SIGTERM"] : ["SIGTERM", "SIGINT"]);
  const died = Promise.withResolvers<string>();
  const watch = new ChildWatch({ onDeath: options.respawn ? null : died.resolve, log });
  const handedOver = Promise.withResolvers<number>();
  const loaded = await loadConfig(configFile, options);
  if (!loaded.ok) return { kind: "config", diagnostics: loaded.diagnostics };
  process.umask(options.flags.umask ?? loaded.program.umask);
  for (const warning of loaded.warnings) log.warning(formatDiagnostic(warning));
  const places = options.places(loaded.program.instance);
  const { runDir } = places;

  if (Buffer.byteLength(runDir.dataplaneSocket) > longestSocketPath) {
    const message = `the run directory ${runDir.path} is too long: its sockets would have paths of over ${longestSocketPath} octets`;
    return { kind: "failed", message, hint: "Name a shorter one with --run-dir." };
  }

  let pidFile: Awaited<ReturnType<typeof claimPidFile>> | null = null;
  let dataplaneProcess: DataplaneProcess | null = null;
  let supervisor: Supervisor | null = null;
  const atEnd: (() => void)[] = [];
  if (options.coreDumps) allowCoreDumps(log);
  const patternBefore = succession?.places.corePatternBefore ?? null;
  const cores = options.corePattern === null ? null : setCorePattern(options.corePattern, log, patternBefore);
  atEnd.push(() => {
    // The pattern is the business of whoever is the director then.
    const isDirector = succession?.hasSettled !== false && (supervisor?.successorPid ?? null) === null;
    if (isDirector) cores?.restore();
  });
  try {
    const ipvsNetns = succession === null ? enterNamespaces(loaded.program) : succession.ipvsNetns();
    makeDirectory(runDir.path, 0o755);
    const owner = foreignOwner(runDir.path);
    if (owner !== null) {
      const message = `the run directory ${runDir.path} belongs to user ${owner}, who could replace what we keep there`;
      return { kind: "failed", message, hint: "Name another one with --run-dir, or remove it." };
    }
    const claim = (takesOver: boolean) =>
      claimPidFile(places.pidFile, (why) => log.notice(`pid file ${places.pidFile} is stale: ${why}`), takesOver);
    if (succession === null) pidFile = await claim(false);
    if (dataPlane === "userspace") {
      const onRestarted = () => supervisor?.dataPlaneRestarted();
      dataplaneProcess = new DataplaneProcess(runDir, log, careOf(watch, "dataplane"), onRestarted);
      await dataplaneProcess.start();
    }
    // It may load what comes next needs: the module of IPVS.
    if (succession === null) {
      await runEdgeScript("startup_script", loaded.program.startupScript, loaded.model.globalDefs.notify, log);
    }
    // A successor begins as its predecessor ended, and reloads then.
    const beginning = succession?.beginning ?? { ...loaded, generation: 1, view: null };
    const { model, vrrp, bfd, program, generation } = beginning;
    // A machine that only does VRRP needs no IPVS.
    const needsDataPlane = (needsIpvs(model) || options.runsAll) && options.only !== "vrrp";
    const readOnly = needsDataPlane
      ? await openDataPlane(dataPlane, runDir, null, ipvsNetns, () => loadIpvs(log))
      : null;
    if (options.only !== "checker") expectVrrpPermitted(vrrp);
    const overrides = new OverrideFile(join(places.stateDir, "overrides.json"));
    if (options.logsAddresses) atEnd.push(logAddresses(log));
    const director = new Supervisor({
      ...options,
      ...places,
      ...{ overrides, model, vrrp, bfd, program, generation, ipvsNetns, readOnly, service, ownProgram },
      corePatternBefore: cores?.before ?? null,
      predecessor: beginning.view,
      watch,
      onHandedOver: handedOver.resolve,
    });
    supervisor = director;
    if (succession === null) await director.start();
    else {
      const isOver = await Promise.race([
        director.succeed(succession, async () => {
          pidFile = await claim(true);
        }),
        signals.stopRequested.then(() => "stopped"),
      ]);
      if (isOver === "stopped" && !succession.hasSettled) return { kind: "stopped" };
      const isSame = isDeepStrictEqual({ model, vrrp, bfd, program }, configurationOf(loaded));
      succession.settled(isSame ? null : await reloadOf(director));
    }
    log.notice(
      `lbctl ${version} runs as process ${process.pid}: ${configFile}, data plane ${dataPlane}, control socket ${runDir.controlSocket}`,
      { event: "started", version },
    );
    let stops = false;
    signals.stopRequested.then(() => {
      stops = true;
    });
    signals.handle({
      // What goes wrong with a reload has been logged, and the old configuration stays in force.
      reload: () => void director.reload().catch(() => passOn("SIGHUP", director.successorPid)),
      dumpState: () => void director.program.dumps.state(),
      dumpStats: () => void director.program.dumps.stats(),
      clearStats: () => void director.clearStats(),
      dumpJson: () => void director.program.dumps.json(),
    });
    const death = await Promise.race([
      signals.stopRequested.then(() => null),
      handedOver.promise.then(() => null),
      died.promise,
    ]);
    await director.stop("ordered-stop");
    if (director.successorPid !== null) {
      if (stops) await passOnStop(director.successorPid);
      return { kind: "stopped" };
    }
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
    if (pidFile !== null) log.notice(endText(supervisor?.successorPid ?? null), { event: "stopped" });
  }
}

function endText(successorPid: number | null): string {
  return successorPid === null ? "stopped" : `ended: process ${successorPid} is the director`;
}

function configurationOf({ model, vrrp, bfd, program }: Extract<ConfigResult, { ok: true }>) {
  return { model, vrrp, bfd, program };
}

/** What an upgrade says of the reload that followed it. */
async function reloadOf(director: Supervisor): Promise<ReloadResult | { readonly refused: string }> {
  try {
    return await director.reload();
  } catch (error) {
    return { refused: (error as Error).message };
  }
}

/** User id of a directory's owner if that is neither we nor root; null otherwise. */
function foreignOwner(path: string): number | null {
  const { uid } = statSync(path);
  return uid === 0 || uid === process.getuid?.() ? null : uid;
}

function startFailure(error: unknown): RunEnd {
  if (error instanceof StandbyFailed) return { kind: "failed", message: error.message, hint: error.hint };
  if (error instanceof NamespaceUnavailable) return { kind: "failed", message: error.message, hint: error.hint };
  if (error instanceof DataPlaneUnavailable) return { kind: "data-plane", message: error.message, hint: error.hint };
  if (error instanceof AlreadyRunning || error instanceof ControlSocketInUse) {
    return { kind: "failed", message: error.message, hint: 'Stop it first, or reload it with "lbctl reload".' };
  }
  if (error instanceof NetlinkError && error.code === "addon-not-built") {
    const hint =
      "VRRP, BFD and IPVS need it; only virtual servers on the user-space data plane (--dataplane userspace) do not.";
    return { kind: "failed", message: error.message, hint };
  }
  if (error instanceof VrrpNotPermitted) return { kind: "not-permitted", message: error.message, hint: error.hint };
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
