import { EventEmitter } from "node:events";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import type { Model } from "../../config/model.ts";
import { patchOf } from "../../config/model-patch.ts";
import { ControlError, type OperationSummary } from "../../control/api.ts";
import type { ViewChange } from "../../control/view.ts";
import type { Override } from "../../director/facts.ts";
import type { Logger } from "../../log/logger.ts";
import type { Notification } from "../../notify/notification.ts";
import type { ScriptRequest, ScriptResult } from "../../notify/script-request.ts";
import { type ChildCare, KeptChild } from "../children/kept-child.ts";
import { Requests } from "../children/requests.ts";
import { Standby } from "../children/standby.ts";
import type { TrackedNow } from "../vrrp/vrrp-messages.ts";
import type { CheckCounts } from "./check-counts.ts";
import type { ApplyReport, CheckerEstate, CheckerSettings, FromChecker, OverrideRows, ToChecker } from "./messages.ts";

/** A check's garbage is gone in milliseconds: a young generation of 6 MiB instead of 48 costs no CPU and takes a quarter off the memory. */
const nodeOptions = ["--max-semi-space-size=2"];

/** How long a stop may take: removing a table of 10,000 services takes seconds. */
const stopGraceMs = 60_000;

/** How long a reload waits for a checker process that died over it. */
const restartPatienceMs = 60_000;

export type CheckerPhase = "starting" | "running" | "restarting";

export interface Configuration {
  readonly generation: number;
  readonly model: Model;
}

export interface CheckerLinkOptions {
  readonly care?: ChildCare | undefined;
  readonly settings: CheckerSettings;
  readonly initial: Configuration;
  /** What operators say now, by `realServerKey`. */
  readonly overrides: () => ReadonlyMap<string, Override>;
  readonly onView: (change: ViewChange) => void;
  readonly onStarted: (report: ApplyReport) => void;
  readonly onCounted: (counted: CheckCounts) => void;
  readonly notify: (notifications: readonly Notification[]) => void;
  /** Has a script run for the checker process; resolves with what became of it. */
  readonly runScript: (request: ScriptRequest) => Promise<ScriptResult>;
  /** What is known of tracked things, for a process that starts. */
  readonly tracked: () => readonly TrackedNow[];
  readonly log: Logger;
}

type Answer = Extract<
  FromChecker,
  { readonly kind: "configured" | "planned" | "overridden" | "handed_over" | "stopped" }
>;

/** The supervisor's end of the channel to the checker process: requests with answers, and what it pushes. */
export class CheckerLink {
  readonly #options: CheckerLinkOptions;
  readonly #child: KeptChild<ToChecker, FromChecker>;
  readonly #checkerLog: Logger;
  readonly #requests: Requests<ToChecker, Answer>;
  /** What every new checker process starts from, and the last that the running one was sent. */
  #current: Configuration;
  /** Told of the next start. */
  readonly #starts = new EventEmitter<{ started: [generation: number, report: ApplyReport] }>();
  #masters: readonly string[] | null = [];
  #phase: CheckerPhase = "starting";
  readonly #standby = new Standby();
  #gone: Promise<void> | null = null;

  constructor(options: CheckerLinkOptions) {
    this.#options = options;
    this.#checkerLog = options.log.as("checker");
    this.#current = options.initial;
    this.#requests = new Requests(
      (message) => this.#child.send(message),
      () => notRunning("the checker process does not run at the moment"),
    );
    this.#child = new KeptChild<ToChecker, FromChecker>({
      entry: fileURLToPath(new URL("./checker-main.ts", import.meta.url)),
      nodeOptions,
      args: [],
      care: options.care,
      greeting: () => ({
        kind: "start",
        settings: options.settings,
        ...this.#current,
        overrides: this.#overrides(),
        tracked: options.tracked(),
        standsBy: this.#standby.begun,
      }),
      onMessage: (message) => this.#receive(message),
      onExit: ({ pid, cause, restartInMs }) => {
        this.#phase = "restarting";
        this.#requests.lost(notRunning("the checker process ended before it answered"));
        if (this.#standby.failed(`the checker process ended (${cause})`)) return;
        if (restartInMs === null) return;
        options.log.error(
          `the checker process ${pid} ended (${cause}); the table stays as it is, a new one starts in ${restartInMs} ms`,
          { event: "process_ended", process: "checker" },
        );
      },
    });
  }

  get phase(): CheckerPhase {
    return this.#phase;
  }

  get pid(): number | null {
    return this.#child.pid;
  }

  start(): void {
    this.#child.start();
  }

  /** Starts a process that writes with `take` only. Resolves when it is ready for that. */
  standBy(): Promise<void> {
    this.#phase = "starting";
    return this.#standby.begin(() => this.#child.start());
  }

  /** It checks and writes from now on. Resolves when the table is as wanted. */
  take(estate: CheckerEstate | null): Promise<void> {
    const tracked = this.#options.tracked();
    return this.#standby.take(() => this.#child.send({ kind: "take", estate, tracked, overrides: this.#overrides() }));
  }

  /** Ends the process, which leaves the table to another one. @throws ControlError `checker-not-running` */
  async handOver(): Promise<CheckerEstate> {
    const { estate } = await this.#requests.ask("handed_over", (id) => ({ kind: "hand_over", id }));
    this.#gone = this.#child.end(stopGraceMs, "wait");
    return estate;
  }

  /** After `handOver`, when nobody took it: goes on itself. */
  async resume(estate: CheckerEstate): Promise<void> {
    await this.#gone;
    this.#phase = "starting";
    await this.#standby.resume(
      () => this.#child.revive(),
      () => this.take(estate),
    );
  }

  /**
   * Resolves when the configuration was carried out. It is the one in force from now on: should the checker process die over
   * it, its successor starts from it.
   * @throws ControlError `checker-not-running` if no successor has started within a minute
   */
  async configure(configuration: Configuration): Promise<ApplyReport> {
    const { generation, model } = configuration;
    const patch = patchOf(this.#current.model, model);
    this.#current = configuration;
    try {
      const request = (id: number) => ({ kind: "configure", id, generation, patch }) as const;
      return (await this.#requests.ask("configured", request)).report;
    } catch (error) {
      if (!(error instanceof ControlError) || error.code !== "checker-not-running") throw error;
      return this.#startedWith(generation);
    }
  }

  async plan(model: Model): Promise<readonly OperationSummary[]> {
    const patch = patchOf(this.#current.model, model);
    return (await this.#requests.ask("planned", (id) => ({ kind: "plan", id, patch }))).operations;
  }

  /** What operators say is something else now. Resolves when the table follows; a checker process that does not run learns it when it starts. */
  async overridesChanged(): Promise<void> {
    try {
      await this.#requests.ask("overridden", (id) => ({ kind: "override", id, overrides: this.#overrides() }));
    } catch (error) {
      if (!(error instanceof ControlError) || error.code !== "checker-not-running") throw error;
    }
  }

  /** Runs these checks at once; one that is under way is left to finish. @throws ControlError `checker-not-running` */
  checkNow(keys: readonly string[]): void {
    if (this.#phase === "running" && this.#child.send({ kind: "check_now", keys })) return;
    throw notRunning(`the checker process is ${this.#phase === "running" ? "ending" : this.#phase}`);
  }

  /** The VRRP instances that are master now (null: VRRP does not run here); a checker process that does not run is told when it starts. */
  mastersChanged(names: readonly string[] | null): void {
    if (isDeepStrictEqual(names, this.#masters)) return;
    this.#masters = names;
    this.#child.send({ kind: "masters", names });
  }

  /** What is known now of things that checks may be about; a checker process that does not run is told when it starts. */
  track(values: readonly TrackedNow[]): void {
    const checked = values.filter(({ source }) => source.kind === "file" || source.kind === "bfd");
    if (checked.length > 0) this.#child.send({ kind: "tracked", values: checked });
  }

  /** Has the table read back at once; a checker process that does not run reads it when it starts. */
  reconcile(): void {
    this.#child.send({ kind: "reconcile" });
  }

  /**
   * Ends the checker process for good; says whether it did what was asked before it ended. One that is away, or dies over it, is
   * replaced once: an ordered stop takes our services with it.
   */
  async stop(ipvs: "keep" | "remove", waitMs: number | null = null): Promise<boolean> {
    const graceMs = waitMs ?? stopGraceMs;
    if (ipvs === "keep") return this.#stopOnce(ipvs, graceMs);
    this.#child.startIfAway();
    if (await this.#stopOnce(ipvs, graceMs)) return true;
    this.#options.log.warning("the checker process ended before it had removed our services: another one does it");
    this.#child.startIfAway();
    return this.#stopOnce(ipvs, graceMs);
  }

  async #stopOnce(ipvs: "keep" | "remove", graceMs: number): Promise<boolean> {
    const stopped = this.#requests
      .ask("stopped", (id) => ({ kind: "stop", id, ipvs }))
      .then(
        () => true,
        () => false,
      );
    await this.#child.end(graceMs, "wait");
    return stopped;
  }

  #overrides(): OverrideRows {
    return [...this.#options.overrides()];
  }

  #receive(message: FromChecker): void {
    const { onView, onStarted, log } = this.#options;
    switch (message.kind) {
      case "view":
        onView(message.change);
        break;
      case "counted":
        this.#options.onCounted(message.counted);
        break;
      case "notify":
        this.#options.notify(message.notifications);
        break;
      case "run_script":
        void this.#runScript(message.request);
        break;
      case "log":
        this.#checkerLog.log(message.severity, message.message, message.fields);
        break;
      case "standing_by":
        this.#standby.stands();
        break;
      case "started":
        this.#phase = "running";
        this.#standby.taken();
        if (this.#masters?.length !== 0) this.#child.send({ kind: "masters", names: this.#masters });
        onStarted(message.report);
        this.#starts.emit("started", message.generation, message.report);
        break;
      case "failed":
        if (message.id === null) {
          log.error(`the checker process cannot work: ${message.message}. ${message.hint}`);
          this.#standby.failed(message.message);
        } else this.#requests.refused(message.id, new ControlError("internal", message.message, message.hint));
        break;
      case "configured":
      case "planned":
      case "overridden":
      case "handed_over":
      case "stopped":
        this.#requests.answered(message);
        break;
    }
  }

  async #runScript(request: ScriptRequest): Promise<void> {
    const { pid } = this.#child;
    const result = await this.#options.runScript(request);
    // A successor has requests of its own, with the same ids.
    if (this.#child.pid === pid) this.#child.send({ kind: "script_finished", result });
  }

  #startedWith(generation: number): Promise<ApplyReport> {
    return new Promise((resolve, reject) => {
      const onStarted = (started: number, report: ApplyReport): void => {
        if (started < generation) return;
        done();
        resolve(report);
      };
      const timer = setTimeout(() => {
        done();
        reject(notRunning(`the checker process has not come back; configuration ${generation} counts when it does`));
      }, restartPatienceMs);
      const done = (): void => {
        clearTimeout(timer);
        this.#starts.off("started", onStarted);
      };
      this.#starts.on("started", onStarted);
    });
  }
}

function notRunning(why: string): ControlError {
  return new ControlError("checker-not-running", why, "It is being restarted: try again in a moment, and see the log.");
}
