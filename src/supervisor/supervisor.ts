import { setTimeout as sleep } from "node:timers/promises";
import type { ChangedBlock, PlanResult, ReloadResult } from "../control/api.ts";
import type { ControlServer } from "../control/server.ts";
import { buildStatus } from "../control/status.ts";
import type { DaemonStatus, StatusDocument } from "../control/status-document.ts";
import { View } from "../control/view.ts";
import type { Logger } from "../log/logger.ts";
import { hasNotifyScripts } from "../notify/vrrp-notifier.ts";
import { Operator } from "../operator/operator.ts";
import { version } from "../version.ts";
import { BfdLink } from "./bfd/bfd-link.ts";
import { sessionsForCheckers, sessionsForVrrp, type ToldSession } from "./bfd/told-sessions.ts";
import { type EndCause, exitPolicy } from "./checkers/exit-policy.ts";
import { LvsHalf } from "./checkers/lvs-half.ts";
import { quorumsOf } from "./checkers/quorums.ts";
import { Care } from "./children/care.ts";
import { SpareMemory } from "./children/spare-memory.ts";
import { serveRequests } from "./control-handlers.ts";
import type { DirectorParts } from "./handover/director-parts.ts";
import type { Succession } from "./handover/succession.ts";
import { takeOver } from "./handover/take-over.ts";
import { Upgrade } from "./handover/upgrade.ts";
import { isStopping } from "./handover/upgrade-failed.ts";
import { logReady, logReloaded, logReloadFailed, logStopping, logWaiting } from "./life-log.ts";
import { waitForRestart } from "./program/namespaces.ts";
import { Program } from "./program/program.ts";
import { type BesideTheTable, changedBlocks } from "./reload/changed-blocks.ts";
import { ConfigLoader } from "./reload/config-loader.ts";
import { Turns } from "./reload/turns.ts";
import { ScriptsLink } from "./scripts-link.ts";
import type { SupervisorOptions } from "./supervisor-options.ts";
import { Trackers } from "./vrrp/trackers.ts";
import { virtualAddressNames } from "./vrrp/virtual-address-names.ts";
import { VrrpHalf } from "./vrrp/vrrp-half.ts";
import { Web } from "./web/web.ts";

/** How long a reload may delay a stop: one that the checker process hangs over must not prevent it. */
const reloadGraceMs = 10_000;

/** The director's first process: holds the configuration in force, keeps the checker process alive, answers the control socket. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #log: Logger;
  readonly #view: View;
  readonly #lvs: LvsHalf;
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
  readonly #parts: DirectorParts;
  readonly #upgrade: Upgrade;
  #control: ControlServer | null = null;
  /** One reload or upgrade after the other. */
  readonly #turns = new Turns();
  #stopping: Promise<void> | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#view = new View(options.model, options.generation);
    this.#loader = new ConfigLoader(options, options.log);
    this.program = new Program(options, {
      configFile: options.configFile,
      flags: options.flags,
      reload: () => void this.reload().catch(() => {}),
      runDir: options.runDir.path,
      status: () => this.#status(),
      instances: () => this.#vrrp.count().then(() => this.#view.instances),
      counted: () => this.#trackers.counted(),
      log: options.log,
    });
    this.#care = new Care(options, this.#view, () => [this.#lvs.phase, this.#vrrp.phase]);
    const webFacts = async () => ({
      table: options.dataPlane === "userspace" ? await this.#lvs.table() : null,
      overrides: this.#operator.overrides,
      sessions: this.#bfd.views,
      daemon: this.#daemonStatus(),
      virtualAddresses: virtualAddressNames(this.program.inForce.vrrp),
      scripts: this.#trackers.scripts(),
      vrrpLateMaxMs: this.#vrrp.worstLateMs,
    });
    this.#web = new Web(options, this.#care, this.#view, webFacts, () => this.#vrrp.count());
    this.#scripts = new ScriptsLink(options.model.globalDefs.notify, options.log, this.#care.of("scripts"));
    this.#trackers = new Trackers({
      run: (request) => this.#scripts.run(request),
      onTracked: (values) => {
        this.#vrrp.track(values);
        this.#lvs.checker?.track(values);
      },
      only: options.only,
      log: options.log.as("vrrp"),
    });
    const onTold = (sessions: readonly ToldSession[]): void => {
      this.#vrrp.track(sessionsForVrrp(sessions));
      this.#lvs.checker?.track(sessionsForCheckers(sessions));
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
      onChange: async () => this.#lvs.checker?.overridesChanged(),
      nowEpochMs: Date.now,
      log: options.log,
    });
    this.#lvs = new LvsHalf({
      ...options,
      care: this.#care.of("checker"),
      initial: { generation: options.generation, model: options.model },
      overrides: () => this.#operator.effective(),
      onView: (change) => {
        this.#view.apply(change);
        this.#vrrp.track(quorumsOf(change.director?.virtualServers ?? []));
      },
      onStarted: (report) => {
        this.#view.checkerStarted();
        logReady(this.#log, report);
        this.#care.started();
        this.#spareMemory.releaseSoon();
      },
      onCounted: (counted) => this.#web.counts.checked(counted),
      notify: (notifications) => this.#scripts.notify(notifications),
      runScript: (request) => this.#scripts.run(request),
      tracked: () => [...this.#trackers.known, ...sessionsForCheckers(this.#bfd.told)],
      masters: () => (options.only === "checker" ? null : this.#masters()),
    });
    this.#vrrp = new VrrpHalf({
      care: this.#care.of("VRRP"),
      isNeeded: options.runsAll,
      onStarted: () => {
        this.#care.started();
        this.#spareMemory.releaseSoon();
      },
      settings: { runDir: options.runDir.path, isService: options.service.socket !== undefined },
      initial: options.vrrp,
      only: options.only,
      view: this.#view,
      known: () => [
        ...this.#trackers.known,
        ...sessionsForVrrp(this.#bfd.told),
        ...quorumsOf([...this.#view.decisions.values()]),
      ],
      notify: (notifications) => this.#scripts.tell(notifications),
      onViews: () => {
        this.#lvs.mastersChanged();
        this.#care.changed();
      },
      log: options.log,
    });
    if (options.predecessor !== null) this.#view.inherit(options.predecessor);
    this.#parts = {
      ...{ view: this.#view, lvs: this.#lvs, vrrp: this.#vrrp, bfd: this.#bfd, trackers: this.#trackers },
      ...{ scripts: this.#scripts, program: this.program, operator: this.#operator, care: this.#care, web: this.#web },
      ...{ events: options.events, level: options.level },
    };
    const lendControlSocket = () => this.#control?.lend() ?? (() => {});
    this.#upgrade = new Upgrade({ ...options, ...this.#parts, lendControlSocket });
  }

  /** The other process that is the director now; null: this one is. */
  get successorPid(): number | null {
    return this.#upgrade.successorPid;
  }

  #masters(): string[] {
    return this.#view.instances.filter(({ state }) => state === "master").map(({ name }) => name);
  }

  /** Starts the checker process and the control socket. @throws ControlSocketInUse */
  async start(): Promise<void> {
    await this.#operator.begin();
    this.#control = await this.#serve(false);
    this.#scripts.prepare(this.#view.model, hasNotifyScripts(this.#options.vrrp));
    // First what is known at once, so that no instance begins without it.
    this.#trackers.configure(this.#options.vrrp, this.#options.model);
    await this.program.start();
    this.#care.start();
    this.#web.configure(this.program.metricsAddress);
    this.#vrrp.start();
    this.#bfd.start();
    this.#lvs.start();
  }

  /** Takes over from the director that runs, part by part; `onActing` is called when all are taken. @throws Error */
  async succeed(succession: Succession, onActing: () => Promise<void>): Promise<void> {
    this.#scripts.prepare(this.#options.model, hasNotifyScripts(this.#options.vrrp));
    this.#lvs.mastersChanged();
    await takeOver(succession, this.#parts, () => {
      this.#trackers.configure(this.#options.vrrp, this.#options.model);
    });
    this.#control = await this.#serve(true);
    await this.program.start();
    await onActing();
    this.#care.start();
    this.#web.configure(this.program.metricsAddress);
    this.#vrrp.settled();
    this.#bfd.settled();
  }

  #serve(replaces: boolean): Promise<ControlServer> {
    return serveRequests({
      socket: this.#options.runDir.controlSocket,
      replaces,
      group: this.#options.program.controlGroup,
      events: this.#options.events,
      view: this.#view,
      operator: this.#operator,
      checker: () => this.#lvs.checker,
      status: () => this.#status(),
      reload: () => this.reload(),
      upgrade: (ifChanged) => this.#turns.take(() => this.#unlessStopping(() => this.#upgrade.run(ifChanged))),
      isHandingOver: () => this.#upgrade.isHandingOver,
      plan: (file) => this.#plan(file),
      failover: (instance) => this.#vrrp.failover(instance),
      level: this.#options.level,
      log: this.#log,
    });
  }

  /** Loads the file again and applies what changed; all that are asked for before it begins are one. @throws ControlError */
  readonly reload: () => Promise<ReloadResult> = this.#turns.shared(() =>
    this.#care.reload(() => this.program.reload(() => this.#web.counts.reload(() => this.#reload()))),
  );

  /** Dumps what is counted, and counts VRRP from zero again. */
  async clearStats(): Promise<void> {
    await this.program.dumps.stats();
    this.#vrrp.clearCounters();
  }

  /** The data plane's process was started again: its table is empty. */
  dataPlaneRestarted(): void {
    this.#lvs.checker?.reconcile();
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
    const changes = this.#changesWith(loaded);
    // Before anything counts as accepted: a data plane that is needed from now on has to be there.
    const readOnly = await this.#lvs.dataPlaneFor(model);
    this.#vrrp.expectPermitted(vrrp);
    this.#view.configure(model, generation);
    this.#loader.accepted();
    logWaiting(this.#log, waitForRestart(this.#options.program, program));
    this.program.configure({ model, vrrp, program });
    this.#web.configure(this.program.metricsAddress);
    this.#scripts.configure(model, hasNotifyScripts(vrrp));
    try {
      // Before those who track its sessions.
      await this.#bfd.configure(bfd);
      await this.#vrrp.reload(vrrp, () => this.#trackers.configure(vrrp, model));
      const report = await this.#lvs.reload({ generation, model }, readOnly);
      logReloaded(this.#log, generation, report, changes);
      return { generation, file, ...report, changes, warnings, took_ms: Math.round(performance.now() - startMs) };
    } catch (error) {
      logReloadFailed(this.#log, generation, (error as Error).message);
      throw error;
    }
  }

  async #plan(wanted: string | null): Promise<PlanResult> {
    const file = wanted ?? this.#options.configFile;
    const loaded = await this.#load(() => this.#loader.load(file));
    const { model, warnings } = loaded;
    return { file, warnings, operations: await this.#lvs.plan(model), changes: this.#changesWith(loaded) };
  }

  #changesWith(wanted: BesideTheTable): ChangedBlock[] {
    return changedBlocks({ vrrp: this.program.inForce.vrrp, bfd: this.#bfd.model }, wanted);
  }

  /** @throws ControlError */
  async #unlessStopping<T>(task: () => Promise<T>): Promise<T> {
    if (this.#stopping === null && this.successorPid === null) return task();
    throw isStopping(this.successorPid);
  }

  #load<T>(load: () => Promise<T>): Promise<T> {
    return this.#unlessStopping(load).finally(() => this.#spareMemory.releaseSoon());
  }

  async #status(): Promise<StatusDocument> {
    const [table] = await Promise.all([this.#lvs.table(), this.#vrrp.count()]);
    const { dataPlane } = this.#options;
    return buildStatus(this.#view, this.#operator.overrides, table, dataPlane, this.#bfd.views, this.#daemonStatus());
  }

  #daemonStatus(): DaemonStatus {
    return {
      version,
      pid: process.pid,
      started_at: this.#startedAt,
      router_id: this.#view.model.globalDefs.routerId,
      ...{ config_file: this.#options.configFile, config_id: this.#options.configId ?? null },
      reload_refused: this.#loader.refused,
      data_plane_unavailable: this.#view.unavailable,
      checker: this.#lvs.phase,
      vrrp: this.#vrrp.phase,
      bfd: this.#bfd.phase,
    };
  }

  async #stop(cause: EndCause): Promise<void> {
    await this.#upgrade.end();
    if (this.successorPid !== null) {
      await this.#control?.abandon();
      return this.#upgrade.leave();
    }
    const { ipvs, vrrp } = exitPolicy(cause, this.#options.exitFlags);
    logStopping(this.#log, this.#lvs.checker === null ? null : ipvs);
    await Promise.race([this.#turns.over, sleep(reloadGraceMs, undefined, { ref: false })]);
    this.#care.stopping();
    this.program.stop();
    this.#operator.end();
    this.#trackers.stop();
    // First the addresses: clients go to the next router while this one still serves who is here.
    const { childWaitMs } = this.program.inForce.program;
    await this.#vrrp.stop(vrrp, childWaitMs);
    const done = await this.#lvs.stop(ipvs, childWaitMs);
    if (!done && ipvs === "remove") this.#log.error("the checker process ended before it had removed our services");
    await this.#bfd.stop();
    await this.#scripts.end();
    await this.#web.stop();
    await this.#control?.close();
    await this.#lvs.close();
    this.#care.close();
  }
}
