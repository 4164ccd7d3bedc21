import { setTimeout as sleep } from "node:timers/promises";
import { formatDiagnostic } from "../config/diagnostics.ts";
import { loadConfig } from "../config/load.ts";
import type { Model } from "../config/model.ts";
import { ControlError, type PlanResult, type ReloadResult } from "../control/api.ts";
import { serveControl } from "../control/server.ts";
import { buildStatus } from "../control/status.ts";
import type { StatusDocument } from "../control/status-document.ts";
import { View } from "../control/view.ts";
import type { Logger } from "../log/logger.ts";
import { countOf } from "../text/count.ts";
import { version } from "../version.ts";
import { CheckerLink } from "./checker-link.ts";
import { CounterReader } from "./counter-reader.ts";
import { type EndCause, type ExitFlags, exitPolicy } from "./exit-policy.ts";
import type { ApplyReport } from "./messages.ts";
import type { DataPlaneName, OpenDataPlane } from "./open-data-plane.ts";
import type { RunDir } from "./run-dir.ts";
import { ScriptsLink } from "./scripts-link.ts";
import { SpareMemory } from "./spare-memory.ts";

/** How long a reload may delay a stop: one that the checker process hangs over must not prevent it. */
const reloadGraceMs = 10_000;

export interface SupervisorOptions {
  readonly configFile: string;
  readonly configId?: string | undefined;
  readonly model: Model;
  readonly dataPlane: DataPlaneName;
  /** For counters only: the checker process is the one writer. */
  readonly readOnly: OpenDataPlane;
  readonly runDir: RunDir;
  readonly exitFlags: ExitFlags;
  readonly log: Logger;
}

/** The director's first process: holds the configuration in force, keeps the checker process alive, answers the control socket. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #log: Logger;
  readonly #view: View;
  readonly #checker: CheckerLink;
  readonly #scripts: ScriptsLink;
  readonly #counters: CounterReader;
  readonly #startedAt = new Date().toISOString();
  readonly #spareMemory = new SpareMemory();
  #control: { close(): Promise<void> } | null = null;
  #reloadRefused: StatusDocument["daemon"]["reload_refused"] = null;
  #reloading: Promise<unknown> = Promise.resolve();
  #stopping: Promise<void> | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#view = new View(options.model, 1);
    this.#counters = new CounterReader(options.readOnly.dataPlane, options.log);
    this.#scripts = new ScriptsLink(options.model.globalDefs.notify, options.log);
    this.#checker = new CheckerLink({
      settings: { dataPlane: options.dataPlane, runDir: options.runDir.path },
      initial: { generation: this.#view.generation, model: options.model },
      onView: (change) => this.#view.apply(change),
      onStarted: (report) => {
        this.#view.checkerStarted();
        this.#log.notice(`ready: ${describeReport(report)}`);
        this.#spareMemory.releaseSoon();
      },
      runScript: (request) => this.#scripts.run(request),
      log: options.log,
    });
  }

  /** Starts the checker process and the control socket. @throws ControlSocketInUse */
  async start(): Promise<void> {
    this.#control = await serveControl(
      this.#options.runDir.controlSocket,
      {
        "GET /v1/status": () => this.#status(),
        "POST /v1/reload": () => this.reload(),
        "POST /v1/plan": (request) => this.#plan(request),
      },
      (route, error) =>
        this.#log.error(`${route} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    );
    this.#checker.start();
  }

  /** Loads the configuration file again and applies what changed; one at a time. @throws ControlError */
  reload(): Promise<ReloadResult> {
    const reload = this.#reloading.then(() => this.#reload());
    this.#reloading = reload.catch(() => {});
    return reload;
  }

  /** The data plane's process was started again: its table is empty. */
  dataPlaneRestarted(): void {
    this.#checker.reconcile();
  }

  /** Ends the director as the exit policy says; repeated calls wait for the same end. */
  stop(cause: EndCause): Promise<void> {
    this.#stopping ??= this.#stop(cause);
    return this.#stopping;
  }

  async #reload(): Promise<ReloadResult> {
    const file = this.#options.configFile;
    const startMs = performance.now();
    const { model, warnings } = await this.#loadOrRefuse(file);
    const generation = this.#view.generation + 1;
    this.#view.configure(model, generation);
    this.#reloadRefused = null;
    this.#scripts.configure(model.globalDefs.notify);
    try {
      const report = await this.#checker.configure({ generation, model });
      this.#log.notice(`reload: configuration ${generation} is in force: ${describeReport(report)}`);
      return { generation, file, ...report, warnings, took_ms: Math.round(performance.now() - startMs) };
    } catch (error) {
      this.#log.error(`reload: configuration ${generation} is not carried out: ${(error as Error).message}`);
      throw error;
    }
  }

  async #loadOrRefuse(file: string) {
    try {
      const loaded = await this.#load(file);
      for (const warning of loaded.warnings) this.#log.warning(formatDiagnostic(warning));
      return loaded;
    } catch (error) {
      const diagnostics = error instanceof ControlError ? (error.diagnostics ?? []) : [];
      for (const diagnostic of diagnostics) this.#log.error(formatDiagnostic(diagnostic));
      const reason = (error as Error).message;
      this.#reloadRefused = { at: new Date().toISOString(), reason };
      this.#log.error(`reload refused, configuration ${this.#view.generation} stays in force: ${reason}`);
      throw error;
    }
  }

  async #plan(request: unknown): Promise<PlanResult> {
    const file = planFile(request) ?? this.#options.configFile;
    const { model, warnings } = await this.#load(file);
    return { file, warnings, operations: await this.#checker.plan(model) };
  }

  async #load(file: string) {
    if (this.#stopping !== null) throw new ControlError("stopping", "lbctl is stopping", "Start it again.");
    const loaded = await loadConfig(file, this.#options);
    this.#spareMemory.releaseSoon();
    if (loaded.ok) return loaded;
    const errors = loaded.diagnostics.filter(({ severity }) => severity === "error");
    const first = errors[0];
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    const place = first === undefined || first.line === 0 ? file : `${first.file}:${first.line}:${first.column}`;
    throw new ControlError(
      "config-invalid",
      `${place}: ${first?.message ?? "invalid configuration"}${more}`,
      `Nothing was changed. Correct the file; "lbctl validate -f ${file}" shows every error.`,
      loaded.diagnostics,
    );
  }

  async #status(): Promise<StatusDocument> {
    const table = await this.#counters.read();
    return buildStatus(this.#view, table, this.#options.dataPlane, {
      version,
      pid: process.pid,
      started_at: this.#startedAt,
      router_id: this.#view.model.globalDefs.routerId,
      config_file: this.#options.configFile,
      reload_refused: this.#reloadRefused,
      data_plane_unavailable: this.#view.unavailable,
      checker: this.#checker.phase,
    });
  }

  async #stop(cause: EndCause): Promise<void> {
    const { ipvs } = exitPolicy(cause, this.#options.exitFlags);
    this.#log.notice(
      ipvs === "keep" ? "stopping: the table is kept" : "stopping: our services are removed from the table",
    );
    await Promise.race([this.#reloading, sleep(reloadGraceMs, undefined, { ref: false })]);
    const done = await this.#checker.stop(ipvs);
    if (!done && ipvs === "remove") this.#log.error("the checker process ended before it had removed our services");
    await this.#scripts.end();
    await this.#control?.close();
    await this.#options.readOnly.dataPlane.close();
  }
}

function planFile(request: unknown): string | null {
  if (request === null) return null;
  const file = (request as { file?: unknown }).file ?? null;
  if (file !== null && (typeof file !== "string" || !file.startsWith("/"))) {
    throw new ControlError(
      "bad-request",
      `"file" is not an absolute path: ${JSON.stringify(file)}`,
      "Give an absolute path, or none.",
    );
  }
  return file;
}

/** "4 new-service, 16 new-destination", or that there was nothing to do. */
function describeReport({ operations, refused, unavailable }: ApplyReport): string {
  if (unavailable !== null) return `nothing written yet, the data plane cannot be reached: ${unavailable}`;
  const counts = Object.entries(operations).flatMap(([kind, count]) => (count > 0 ? [`${count} ${kind}`] : []));
  const done = counts.length === 0 ? "the table is as wanted, nothing written" : counts.join(", ");
  return refused.length === 0 ? done : `${done}; ${countOf(refused.length, "object")} refused`;
}
