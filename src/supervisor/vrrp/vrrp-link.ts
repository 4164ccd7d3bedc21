import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { native } from "ipvs-netlink";
import type { VrrpModel } from "../../config/vrrp-model.ts";
import { ControlError } from "../../control/api.ts";
import type { Logger } from "../../log/logger.ts";
import type { ToldCounters } from "../../vrrp/process/counters.ts";
import type { InstanceView } from "../../vrrp/process/instance-view.ts";
import type { RunnerEvent } from "../../vrrp/process/runner-event.ts";
import { type ChildCare, KeptChild } from "../children/kept-child.ts";
import { standardNice } from "../children/process-settings.ts";
import { Requests } from "../children/requests.ts";
import { Standby } from "../children/standby.ts";
import { checkLeaving } from "./check-leaving.ts";
import { GivingBack } from "./giving-back.ts";
import { Handovers } from "./handovers.ts";
import { lateMasters, nothingHeld } from "./late-masters.ts";
import { trackedBy } from "./tracked-by.ts";
import type { FromVrrp, Resumed, ToVrrp, TrackedNow, VrrpEstate, VrrpSettings } from "./vrrp-messages.ts";

/**
 * Hardly anything that it allocates lives long, and what does is small: a young generation of 3 MiB instead of 48 halves its memory,
 * and the pauses for collecting it are the shorter. It is collected in the one thread that is on time: waking others costs more than they do,
 * and where they have to wait for a processor, so would adverts.
 */
const nodeOptions = ["--max-semi-space-size=1", "--single-threaded-gc"];
/** How long giving the addresses back may take. */
const stopGraceMs = 10_000;
/** How late the outcome of a handover may be known. */
const handoverLookMs = 100;
/** No VRRP process acts sooner after it was started. */
const quickestStartMs = 100;
/** How long somebody who wants to know waits at most for what is counted. */
const countWithinMs = 500;

export type VrrpPhase = "starting" | "running" | "restarting";

export interface VrrpLinkOptions {
  readonly care?: ChildCare | undefined;
  readonly settings: VrrpSettings;
  readonly initial: VrrpModel;
  /** What is known of everything that can be tracked. */
  readonly known: () => readonly TrackedNow[];
  readonly onStarted?: () => void;
  readonly onViews: (views: readonly InstanceView[]) => void;
  readonly onCounters: (counted: ToldCounters) => void;
  readonly onEvents: (events: readonly RunnerEvent[]) => void;
  readonly log: Logger;
}

type Answer = Extract<
  FromVrrp,
  { readonly kind: "configured" | "counted" | "failed_over" | "handed_over" | "stopped" }
>;

/** The supervisor's end of the channel to the VRRP process. */
export class VrrpLink {
  readonly #options: VrrpLinkOptions;
  readonly #child: KeptChild<ToVrrp, FromVrrp>;
  readonly #vrrpLog: Logger;
  readonly #requests = new Requests<ToVrrp, Answer>((message) => this.#child.send(message), notRunning);
  readonly #handovers = new Handovers();
  /** Who was master when it last spoke, and when that was, in ms since the machine was started. */
  #alive = nothingHeld;
  #current: VrrpModel;
  #isTracked: (now: TrackedNow) => boolean;
  #phase: VrrpPhase = "starting";
  #worstLateMs = 0;
  readonly #standby = new Standby();
  readonly #givingBack: GivingBack;
  #gone: Promise<void> | null = null;
  #counting: Promise<void> | null = null;

  constructor(options: VrrpLinkOptions) {
    this.#options = options;
    this.#vrrpLog = options.log.as("vrrp");
    this.#givingBack = new GivingBack({ runDir: options.settings.runDir, log: this.#vrrpLog });
    this.#current = options.initial;
    this.#isTracked = trackedBy(options.initial);
    this.#child = new KeptChild<ToVrrp, FromVrrp>({
      entry: fileURLToPath(new URL("./vrrp-main.ts", import.meta.url)),
      args: [],
      care: options.care,
      nodeOptions,
      // Its start is urgent, too, unless another one acts until it is ready.
      startingNice: () => (this.#standby.begun ? null : standardNice.vrrp),
      greeting: () => ({
        kind: "start",
        model: this.#current,
        settings: options.settings,
        resumed: this.#resumed(),
        tracked: this.#known(),
        standsBy: this.#standby.begun,
      }),
      onMessage: (message) => this.#receive(message),
      onExit: ({ pid, cause, restartInMs }) => {
        this.#phase = "restarting";
        this.#requests.lost(notRunning());
        this.#handovers.lost(notRunning());
        if (this.#standby.failed(`the VRRP process ended (${cause})`)) return;
        if (restartInMs === null) return;
        const late = this.#giveBackLate(restartInMs);
        const what =
          late.length === 0 ? "addresses stay as they are" : `too late for ${late.join(", ")} to stay master`;
        options.log.error(`the VRRP process ${pid} ended (${cause}); ${what}, a new one starts in ${restartInMs} ms`, {
          ...{ event: "process_ended", process: "vrrp" },
        });
      },
    });
  }

  get phase(): VrrpPhase {
    return this.#phase;
  }

  get pid(): number | null {
    return this.#child.pid;
  }

  /** The worst lateness of a VRRP timer as far as `count` has told, in ms. */
  get worstLateMs(): number {
    return this.#worstLateMs;
  }

  start(): void {
    this.#child.start();
  }

  /** Starts a process that acts with `take` only. Resolves when it is ready for that. */
  standBy(): Promise<void> {
    this.#phase = "starting";
    return this.#standby.begin(() => this.#child.start());
  }

  /** It acts from now on. Resolves when it does. */
  take(estate: VrrpEstate): Promise<void> {
    const masters = estate.resumed.map(({ instance }) => instance);
    this.#alive = { masters, leaving: [], atMs: estate.resumed[0]?.aliveMs ?? 0 };
    return this.#standby.take(() => this.#child.send({ kind: "take", estate, tracked: this.#known() }));
  }

  /** The predecessor is gone. */
  settled(): void {
    this.#child.send({ kind: "settled" });
  }

  /** Ends the process, which leaves everything to another one. @throws ControlError `vrrp-not-running` */
  async handOver(): Promise<VrrpEstate> {
    const { snapshot, atMs } = await this.#requests.ask("handed_over", (id) => ({ kind: "hand_over", id }));
    this.#gone = this.#child.end(stopGraceMs, "wait");
    this.#alive = { ...this.#alive, atMs };
    return { snapshot, resumed: this.#resumed() };
  }

  /** Resolves when every instance runs under the configuration. One that dies over it starts again from it. */
  async configure(model: VrrpModel): Promise<void> {
    this.#current = model;
    this.#isTracked = trackedBy(model);
    const request = (id: number) => ({ kind: "configure", id, model, tracked: this.#known() }) as const;
    await this.#requests.ask("configured", request).catch((error: unknown) => {
      if (!(error instanceof ControlError) || error.code !== "vrrp-not-running") throw error;
    });
    this.#handovers.configured(model.instances.map(({ name }) => name));
  }

  /**
   * Begins a handover. `ended` is what the instance is when it is over, and rejects where nobody will know.
   * @throws ControlError `not-found` when there is no such instance, `conflict` when it is not master, `vrrp-not-running`
   */
  async failover(instance: string): Promise<{ readonly ended: Promise<InstanceView> }> {
    let ended: Promise<InstanceView> | undefined;
    const { phase } = await this.#requests.ask("failed_over", (id) => {
      ended = this.#handovers.expect(id, instance);
      return { kind: "failover", id, instance };
    });
    checkLeaving(instance, phase);
    const over = ended as Promise<InstanceView>;
    this.#askUntil(over);
    return { ended: over };
  }

  /** That an instance leaves, and stays after all, is not told by itself. */
  #askUntil(ended: Promise<unknown>): void {
    void this.count();
    const asking = setInterval(() => void this.count(), handoverLookMs);
    const stop = () => clearInterval(asking);
    ended.then(stop, stop);
  }

  /**
   * Has what is shown of the instances brought up to date with what they count, which they do not tell by themselves. Whoever asks does
   * not wait for long: of a process that hangs, or is away, what was last told is shown.
   */
  count(): Promise<void> {
    this.#counting ??= this.#count().finally(() => {
      this.#counting = null;
    });
    return Promise.race([this.#counting, sleep(countWithinMs, undefined, { ref: false })]);
  }

  async #count(): Promise<void> {
    const answer = await this.#requests.ask("counted", (id) => ({ kind: "count", id })).catch(() => null);
    if (answer !== null) this.#worstLateMs = Math.max(this.#worstLateMs, answer.worstLateMs);
  }

  /** Counters of every instance start from zero again. */
  clearCounters(): void {
    this.#child.send({ kind: "clear_counters" });
  }

  /** After `handOver`, when nobody took it: goes on itself. */
  async resume(estate: VrrpEstate): Promise<void> {
    await this.#gone;
    this.#phase = "starting";
    await this.#standby.resume(
      () => this.#child.revive(),
      () => this.take(estate),
    );
    this.settled();
  }

  /** What is something else now; a VRRP process that does not run is told when it starts. */
  track(values: readonly TrackedNow[]): void {
    const tracked = values.filter(this.#isTracked);
    if (tracked.length > 0) this.#child.send({ kind: "tracked", values: tracked });
  }

  /** Ends the VRRP process for good. One that is away, or dies over it, is replaced once: addresses must not stay. */
  async stop(vrrp: "keep" | "release", waitMs: number | null = null): Promise<void> {
    const graceMs = waitMs ?? stopGraceMs;
    this.#child.letEnd();
    await this.#givingBack.over();
    if (vrrp === "release") this.#child.startIfAway();
    if ((await this.#stopOnce(vrrp, graceMs)) || vrrp === "keep") return;
    this.#options.log.warning("the VRRP process ended before it had given its addresses back: another one does it");
    this.#alive = nothingHeld;
    this.#child.startIfAway();
    await this.#stopOnce(vrrp, graceMs);
  }

  /** Of what the configuration in force tracks. */
  #known(): TrackedNow[] {
    return this.#options.known().filter(this.#isTracked);
  }

  async #stopOnce(vrrp: "keep" | "release", graceMs: number): Promise<boolean> {
    const stopped = this.#requests
      .ask("stopped", (id) => ({ kind: "stop", id, vrrp }))
      .then(
        () => true,
        () => false,
      );
    await this.#child.end(graceMs, "wait");
    return stopped;
  }

  #receive(message: FromVrrp): void {
    switch (message.kind) {
      case "standing_by":
        this.#standby.stands();
        break;
      case "started":
        this.#phase = "running";
        this.#givingBack.settle();
        this.#standby.taken();
        this.#options.onStarted?.();
        break;
      case "masters":
        this.#alive = { masters: message.masters, leaving: message.leaving, atMs: native().bootTime() };
        break;
      case "alive":
        this.#alive = { ...this.#alive, atMs: native().bootTime() };
        break;
      case "views":
        this.#options.onViews(message.views);
        this.#handovers.shown(message.views);
        break;
      case "counters":
        this.#options.onCounters(message.counted);
        break;
      case "events":
        this.#options.onEvents(message.events);
        break;
      case "log":
        this.#vrrpLog.log(message.severity, message.message, message.fields);
        break;
      case "failed":
        if (message.id === null) {
          this.#options.log.error(`the VRRP process cannot start: ${message.message}`);
          this.#standby.failed(message.message);
        } else this.#requests.refused(message.id, new ControlError("internal", message.message, "The log has more."));
        break;
      default:
        if (message.kind === "failed_over") this.#handovers.answered(message.id, message.phase === "leaving");
        this.#requests.answered(message);
    }
  }

  /** What the next process cannot go on with, as it is not back in time: answers whose addresses that are. */
  #giveBackLate(restartInMs: number): readonly string[] {
    const late = lateMasters(this.#alive, this.#current, native().bootTime() + restartInMs + quickestStartMs);
    this.#alive = { ...this.#alive, masters: this.#alive.masters.filter((name) => !late.includes(name)), leaving: [] };
    this.#givingBack.begin(this.#current, late);
    return late;
  }

  #resumed(): Resumed {
    return this.#alive.masters.map((instance) => ({ instance, aliveMs: this.#alive.atMs }));
  }
}

function notRunning(): ControlError {
  const hint = "It is started again; try again in a moment.";
  return new ControlError("vrrp-not-running", "the VRRP process does not run at the moment", hint);
}
