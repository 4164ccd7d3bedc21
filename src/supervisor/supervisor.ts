import { setTimeout as sleep } from "node:timers/promises";
import type { Model } from "../config/model.ts";
import { ControlError, type PlanResult, type ReloadResult } from "../control/api.ts";
import { buildStatus } from "../control/status.ts";
import type { DaemonStatus, StatusDocument } from "../control/status-document.ts";
import { View } from "../control/view.ts";
import type { Logger } from "../log/logger.ts";
import type { Notification } from "../notify/notification.ts";
import { hasNotifyScripts } from "../notify/vrrp-notifier.ts";
import { worthTelling } from "../notify/worth-telling.ts";
import { Operator } from "../operator/operator.ts";
import { version } from "../version.ts";
import { BfdLink } from "./bfd-link.ts";
import { Care } from "./care.ts";
import { CheckerLink, type Configuration } from "./checker-link.ts";
import { ConfigLoader } from "./config-loader.ts";
import { serveRequests } from "./control-handlers.ts";
import { CounterReader } from "./counter-reader.ts";
import { describeReport } from "./describe-report.ts";
import { type EndCause, exitPolicy } from "./exit-policy.ts";
import type { Lvs } from "./lvs.ts";
import type { ApplyReport } from "./messages.ts";
import { movedNamespaces } from "./namespaces.ts";
import { DataPlaneUnavailable, type OpenDataPlane, openDataPlane } from "./open-data-plane.ts";
import { Program } from "./program.ts";
import { quorumsOf } from "./quorums.ts";
import { ScriptsLink } from "./scripts-link.ts";
import { SpareMemory } from "./spare-memory.ts";
import type { SupervisorOptions } from "./supervisor-options.ts";
import { sessionsForCheckers, sessionsForVrrp, type ToldSession } from "./told-sessions.ts";
import { Trackers } from "./trackers.ts";
import { virtualAddressNames } from "./virtual-address-names.ts";
import { VrrpHalf } from "./vrrp-half.ts";
import { Web } from "./web.ts";
import { needsIpvs } from "./what-runs.ts";

/** How long a reload may delay a stop: one that the checker process hangs over must not prevent it. */
const reloadGraceMs = 10_000;

/** The director's first process: holds the configuration in force, keeps the checker process alive, answers the control socket. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #log: Logger;
  readonly #view: View;
  /** Null until there are virtual servers. */
  #lvs: Lvs | null = null;
  readonly #vrrp: VrrpHalf;
  readonly #bfd: BfdLink;
  readonly #trackers: Trackers;
  readonly #scripts: ScriptsLink;
  readonly #loader: ConfigLoader;
  readonly program: Program;
  readonly #care: Care;
  readonly #web: Web;
  readonly #operator: Operator;
  readonly #startedAt = new Date().toISOString();
  readonly #spareMemory = new SpareMemory();
  #control: { close(): Promise<void> } | null = null;
  #reloading: Promise<unknown> = Promise.resolve();
  #stopping: Promise<void> | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#view = new View(options.model, 1);
    this.#loader = new ConfigLoader(options, options.log);
    this.program = new Program(options, {
      configFile: options.configFile,
      flags: options.flags,
      reload: () => void this.reload().catch(() => {}),
      runDir: options.runDir.path,
      status: () => this.#status(),
      instances: () => this.#view.instances,
      counted: () => this.#trackers.counted(),
      log: options.log,
    });
    this.#care = new Care(options, this.#view, () => [this.#lvs?.checker.phase, this.#vrrp.phase]);
    this.#web = new Web(options, this.#care, this.#view, () => ({
      overrides: this.#operator.overrides,
      sessions: this.#bfd.views,
      daemon: this.#daemonStatus(),
      virtualAddresses: virtualAddressNames(this.program.inForce.vrrp),
      scripts: this.#trackers.scripts(),
      vrrpLateMaxMs: this.#vrrp.worstLateMs,
    }));
    this.#scripts = new ScriptsLink(options.model.globalDefs.notify, options.log, this.#care.of("scripts"));
    this.#trackers = new Trackers({
      run: (request) => this.#scripts.run(request),
      onTracked: (values) => {
        this.#vrrp.track(values);
        this.#lvs?.checker.track(values);
      },
      only: options.only,
      log: options.log.as("vrrp"),
    });
    const onTold = (sessions: readonly ToldSession[]): void => {
      this.#vrrp.track(sessionsForVrrp(sessions));
      this.#lvs?.checker.track(sessionsForCheckers(sessions));
    };
    this.#bfd = new BfdLink({
      care: this.#care.of("BFD"),
      initial: options.bfd,
      enabled: options.runsBfd,
      onTold,
      log: options.log,
    });
    this.#operator = new Operator({
      file: options.overrides,
      model: () => this.#view.model,
      onChange: async () => this.#lvs?.checker.overridesChanged(),
      nowEpochMs: Date.now,
      log: options.log,
    });
    if (options.readOnly !== null) this.#lvs = this.#newLvs(options.readOnly, options.model);
    this.#vrrp = new VrrpHalf({
      care: this.#care.of("VRRP"),
      isNeeded: options.runsAll,
      onStarted: () => this.#care.started(),
      runDir: options.runDir.path,
      initial: options.vrrp,
      runs: options.only !== "checker",
      view: this.#view,
      known: () => [
        ...this.#trackers.known,
        ...sessionsForVrrp(this.#bfd.told),
        ...quorumsOf([...this.#view.decisions.values()]),
      ],
      notify: (notifications) => this.#notify(notifications),
      onViews: () => {
        this.#tellMasters();
        this.#care.changed();
      },
      log: options.log,
    });
  }

  #newLvs(readOnly: OpenDataPlane, model: Model): Lvs {
    const options = this.#options;
    const checker = new CheckerLink({
      care: this.#care.of("checker"),
      settings: { dataPlane: options.dataPlane, runDir: options.runDir.path, ipvsNetns: options.ipvsNetns },
      initial: { generation: this.#view.generation, model },
      overrides: () => this.#operator.effective(),
      onView: (change) => {
        this.#view.apply(change);
        this.#vrrp.track(quorumsOf(change.director?.virtualServers ?? []));
      },
      onStarted: (report) => {
        this.#view.checkerStarted();
        this.#log.notice(`ready: ${describeReport(report)}`);
        this.#care.started();
        this.#spareMemory.releaseSoon();
      },
      onCounted: (counted) => this.#web.counts.checked(counted),
      notify: (notifications) => this.#scripts.notify(notifications),
      runScript: (request) => this.#scripts.run(request),
      tracked: () => [...this.#trackers.known, ...sessionsForCheckers(this.#bfd.told)],
      log: options.log,
    });
    return { checker, readOnly, counters: new CounterReader(readOnly.dataPlane, options.log) };
  }

  #notify(notifications: readonly Notification[]): void {
    const settings = this.#view.model.globalDefs.notify;
    const told = notifications.flatMap((notification) => worthTelling(notification, settings) ?? []);
    if (told.length > 0) this.#scripts.notify(told);
  }

  /** The sync daemon of IPVS sends on the master and receives elsewhere. */
  #tellMasters(): void {
    const masters = this.#view.instances.filter(({ state }) => state === "master").map(({ name }) => name);
    this.#lvs?.checker.mastersChanged(this.#options.only === "checker" ? null : masters);
  }

  /** Starts the checker process and the control socket. @throws ControlSocketInUse */
  async start(): Promise<void> {
    await this.#operator.begin();
    this.#control = await serveRequests({
      socket: this.#options.runDir.controlSocket,
      group: this.#options.program.controlGroup,
      events: this.#options.events,
      view: this.#view,
      operator: this.#operator,
      checker: () => this.#lvs?.checker ?? null,
      status: () => this.#status(),
      reload: () => this.reload(),
      plan: (file) => this.#plan(file),
      failover: (instance) => this.#vrrp.failover(instance),
      level: this.#options.level,
      log: this.#log,
    });
    this.#scripts.prepare(this.#view.model, hasNotifyScripts(this.#options.vrrp));
    // First what is known at once, so that no instance begins without it.
    this.#trackers.configure(this.#options.vrrp, this.#options.model);
    await this.program.start();
    this.#care.start();
    this.#web.configure(this.program.metricsAddress);
    this.#vrrp.start();
    this.#bfd.start();
    this.#tellMasters();
    this.#lvs?.checker.start();
  }

  /** Loads the configuration file again and applies what changed; one at a time. @throws ControlError */
  reload(): Promise<ReloadResult> {
    const reload = this.#reloading.then(() =>
      this.#care.reload(() => this.program.reload(() => this.#web.counts.reload(() => this.#reload()))),
    );
    this.#reloading = reload.catch(() => {});
    return reload;
  }

  /** Dumps what is counted, and counts VRRP from zero again. */
  async clearStats(): Promise<void> {
    await this.program.dumps.stats();
    this.#vrrp.clearCounters();
  }

  /** The data plane's process was started again: its table is empty. */
  dataPlaneRestarted(): void {
    this.#lvs?.checker.reconcile();
  }

  /** Ends the director as the exit policy says; repeated calls wait for the same end. */
  stop(cause: EndCause): Promise<void> {
    this.#stopping ??= this.#stop(cause);
    return this.#stopping;
  }

  async #reload(): Promise<ReloadResult> {
    const file = this.#options.configFile;
    const startMs = performance.now();
    const generation = this.#view.generation + 1;
    const loaded = await this.#load(() => this.#loader.loadOrRefuse(file, generation - 1, this.program));
    const { model, vrrp, bfd, program, warnings } = loaded;
    // Before anything counts as accepted: a data plane that is needed from now on has to be there.
    const readOnly = await this.#dataPlaneFor(model);
    this.#view.configure(model, generation);
    this.#loader.accepted();
    for (const keyword of movedNamespaces(this.#options.program, program)) {
      this.#log.warning(`reload: ${keyword} changes with a restart only, and stays as it was`);
    }
    this.program.configure({ model, vrrp, program });
    this.#web.configure(this.program.metricsAddress);
    this.#scripts.configure(model, hasNotifyScripts(vrrp));
    try {
      // Before those who track its sessions.
      await this.#bfd.configure(bfd);
      await this.#vrrp.reload(vrrp, () => this.#trackers.configure(vrrp, model));
      const report = await this.#reloadLvs({ generation, model }, readOnly);
      this.#log.notice(`reload: configuration ${generation} is in force: ${describeReport(report)}`);
      return { generation, file, ...report, warnings, took_ms: Math.round(performance.now() - startMs) };
    } catch (error) {
      this.#log.error(`reload: configuration ${generation} is not carried out: ${(error as Error).message}`);
      throw error;
    }
  }

  /** Opened now when the first virtual servers come. @throws ControlError `config-invalid` */
  async #dataPlaneFor(model: Model): Promise<OpenDataPlane | null> {
    if (this.#lvs !== null || !needsIpvs(model) || this.#options.only === "vrrp") return null;
    try {
      return await openDataPlane(this.#options.dataPlane, this.#options.runDir, null, this.#options.ipvsNetns);
    } catch (error) {
      if (!(error instanceof DataPlaneUnavailable)) throw error;
      throw new ControlError("config-invalid", error.message, error.hint);
    }
  }

  async #reloadLvs(configuration: Configuration, readOnly: OpenDataPlane | null): Promise<ApplyReport> {
    if (this.#lvs !== null) {
      // Before the configuration, so that a real server that is drained everywhere never starts in a new virtual server.
      void this.#lvs.checker.overridesChanged().catch(() => {});
      return this.#lvs.checker.configure(configuration);
    }
    if (readOnly !== null) {
      this.#lvs = this.#newLvs(readOnly, configuration.model);
      this.#lvs.checker.start();
      this.#tellMasters();
      return this.#lvs.checker.configure(configuration);
    }
    return { operations: {}, refused: [], unavailable: null };
  }

  async #plan(wanted: string | null): Promise<PlanResult> {
    const file = wanted ?? this.#options.configFile;
    const { model, warnings } = await this.#load(() => this.#loader.load(file));
    return { file, warnings, operations: (await this.#lvs?.checker.plan(model)) ?? [] };
  }

  /** @throws ControlError */
  #load<T>(load: () => Promise<T>): Promise<T> {
    if (this.#stopping !== null) throw new ControlError("stopping", "lbctl is stopping", "Start it again.");
    return load().finally(() => this.#spareMemory.releaseSoon());
  }

  async #status(): Promise<StatusDocument> {
    const table = (await this.#lvs?.counters.read()) ?? [];
    const { dataPlane } = this.#options;
    return buildStatus(this.#view, this.#operator.overrides, table, dataPlane, this.#bfd.views, this.#daemonStatus());
  }

  #daemonStatus(): DaemonStatus {
    return {
      version,
      pid: process.pid,
      started_at: this.#startedAt,
      router_id: this.#view.model.globalDefs.routerId,
      config_file: this.#options.configFile,
      reload_refused: this.#loader.refused,
      data_plane_unavailable: this.#view.unavailable,
      checker: this.#lvs?.checker.phase ?? "off",
      vrrp: this.#vrrp.phase,
      bfd: this.#bfd.phase,
    };
  }

  async #stop(cause: EndCause): Promise<void> {
    const { ipvs, vrrp } = exitPolicy(cause, this.#options.exitFlags);
    if (this.#lvs !== null) {
      this.#log.notice(
        ipvs === "keep" ? "stopping: the table is kept" : "stopping: our services are removed from the table",
      );
    }
    await Promise.race([this.#reloading, sleep(reloadGraceMs, undefined, { ref: false })]);
    this.#care.stopping();
    this.program.stop();
    this.#operator.end();
    this.#trackers.stop();
    // First the addresses: clients go to the next router while this one still serves who is here.
    const { childWaitMs } = this.program.inForce.program;
    await this.#vrrp.stop(vrrp, childWaitMs);
    const done = (await this.#lvs?.checker.stop(ipvs, childWaitMs)) ?? true;
    if (!done && ipvs === "remove") this.#log.error("the checker process ended before it had removed our services");
    await this.#bfd.stop();
    await this.#scripts.end();
    await this.#web.stop();
    await this.#control?.close();
    await this.#lvs?.readOnly.dataPlane.close();
    this.#care.close();
  }
}
