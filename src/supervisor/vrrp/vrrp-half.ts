import type { VrrpModel } from "../../config/vrrp-model.ts";
import { ControlError } from "../../control/api.ts";
import type { View } from "../../control/view.ts";
import type { Logger } from "../../log/logger.ts";
import type { Notification } from "../../notify/notification.ts";
import { VrrpNotifier, type VrrpNotifierMemory } from "../../notify/vrrp-notifier.ts";
import type { RunnerEvent } from "../../vrrp/process/runner-event.ts";
import type { ChildCare } from "../children/kept-child.ts";
import { needsVrrp, withoutVirtualServers } from "../what-runs.ts";
import { GroupStates } from "./group-states.ts";
import { VrrpLink } from "./vrrp-link.ts";
import type { TrackedNow, VrrpEstate, VrrpSettings } from "./vrrp-messages.ts";
import { expectVrrpPermitted, VrrpNotPermitted } from "./vrrp-permission.ts";

export interface VrrpHalfOptions {
  readonly care: ChildCare;
  readonly onStarted: () => void;
  readonly settings: VrrpSettings;
  readonly initial: VrrpModel;
  /** Which half runs; null: both. With -C there is no VRRP process, whatever the configuration says; with -P nobody checks virtual servers. */
  readonly only: "vrrp" | "checker" | null;
  /** Its process runs even if nothing is configured for it (--all). */
  readonly isNeeded: boolean;
  readonly view: View;
  /** What is known of everything that can be tracked. */
  readonly known: () => readonly TrackedNow[];
  readonly notify: (notifications: readonly Notification[]) => void;
  /** Views changed: perhaps other instances are master now. */
  readonly onViews: () => void;
  readonly log: Logger;
}

/** What is left to a successor: plain data. */
export interface VrrpHalfEstate extends VrrpEstate {
  readonly told: VrrpNotifierMemory;
}

/** The VRRP process and what is told of it; there is none while no instance and nothing static is configured. */
export class VrrpHalf {
  readonly #options: VrrpHalfOptions;
  readonly #notifier: VrrpNotifier;
  readonly #groups: GroupStates;
  #link: VrrpLink | null = null;

  constructor(options: VrrpHalfOptions) {
    this.#options = options;
    this.#notifier = new VrrpNotifier(options.initial);
    this.#groups = new GroupStates(options.initial.syncGroups);
    if (options.only !== "checker" && (options.isNeeded || needsVrrp(options.initial)))
      this.#link = this.#newLink(options.initial);
  }

  get phase(): VrrpLink["phase"] | "off" {
    return this.#link?.phase ?? "off";
  }

  /** The worst lateness of one of its timers so far, in ms. */
  get worstLateMs(): number {
    return this.#link?.worstLateMs ?? 0;
  }

  get pid(): number | null {
    return this.#link?.pid ?? null;
  }

  start(): void {
    this.#link?.start();
  }

  /** Gets its process ready to act with `take`. */
  async standBy(): Promise<void> {
    await this.#link?.standBy();
  }

  /** Acts from now on. */
  async take({ told, ...estate }: VrrpHalfEstate): Promise<void> {
    this.#notifier.inherit(told);
    await this.#link?.take(estate);
  }

  /** The predecessor is gone. */
  settled(): void {
    this.#link?.settled();
  }

  /** Ends the process for one that goes on. @throws ControlError `vrrp-not-running` */
  async handOver(): Promise<VrrpHalfEstate> {
    const estate = (await this.#link?.handOver()) ?? { snapshot: null, resumed: [] };
    return { ...estate, told: this.#notifier.memory };
  }

  /** After `handOver`, when nobody took it: goes on itself. */
  async resume({ told: _, ...estate }: VrrpHalfEstate): Promise<void> {
    await this.#link?.resume(estate);
  }

  track(values: readonly TrackedNow[]): void {
    this.#link?.track(values);
  }

  /** Before a reload that wants the process for the first time. @throws ControlError */
  expectPermitted(vrrp: VrrpModel): void {
    if (this.#options.only === "checker" || this.#link !== null) return;
    try {
      expectVrrpPermitted(vrrp);
    } catch (error) {
      if (!(error instanceof VrrpNotPermitted)) throw error;
      throw new ControlError("config-invalid", error.message, error.hint);
    }
  }

  /**
   * Carries a new configuration out. `track` is called when it has to be known what the instances depend on: before a link gets the
   * new configuration, so that no instance begins without it.
   */
  async reload(configured: VrrpModel, track: () => void): Promise<void> {
    const { only, view, notify } = this.#options;
    const vrrp = this.#tracking(configured);
    if (only === "checker" || (this.#link === null && !needsVrrp(vrrp))) return track();
    this.#notifier.configure(vrrp);
    this.#groups.configure(vrrp.syncGroups);
    if (this.#link === null) {
      this.#link = this.#newLink(vrrp);
      track();
      return this.#link.start();
    }
    track();
    view.configureInstances(vrrp.instances.map(({ name }) => name));
    await this.#link.configure(vrrp);
    if (view.model.globalDefs.notify.vrrpStatesAtReload) notify(this.#notifier.everything());
  }

  /** @throws ControlError `not-found`, `vrrp-not-running` */
  async failover(instance: string): ReturnType<VrrpLink["failover"]> {
    if (this.#link === null) {
      throw new ControlError("not-found", `there is no vrrp_instance ${instance}`, "No VRRP instances are configured.");
    }
    return this.#link.failover(instance);
  }

  /** Has the View know what instances count. It does not wait for long. */
  async count(): Promise<void> {
    await this.#link?.count();
  }

  clearCounters(): void {
    this.#link?.clearCounters();
  }

  /** `waitMs` (null: the default) is how long its process may take. */
  async stop(policy: "keep" | "release", waitMs: number | null): Promise<void> {
    await this.#link?.stop(policy, waitMs);
  }

  /** What nobody checks counts for nothing, and nothing waits for it. */
  #tracking(vrrp: VrrpModel): VrrpModel {
    return this.#options.only === "vrrp" ? withoutVirtualServers(vrrp) : vrrp;
  }

  #logGroups(events: readonly RunnerEvent[]): void {
    const log = this.#options.log.as("vrrp");
    for (const event of events) {
      if (event.type !== "changed") continue;
      for (const { severity, message, fields } of this.#groups.happened(event.change, performance.now())) {
        log.log(severity, message, fields);
      }
    }
  }

  #newLink(initial: VrrpModel): VrrpLink {
    const { settings, view, notify, onViews, known, log } = this.#options;
    view.configureInstances(initial.instances.map(({ name }) => name));
    return new VrrpLink({
      care: this.#options.care,
      onStarted: this.#options.onStarted,
      settings,
      initial: this.#tracking(initial),
      known,
      onViews: (views) => {
        view.applyInstances(views);
        onViews();
      },
      onCounters: (counted) => view.applyCounters(counted),
      onEvents: (events) => {
        this.#logGroups(events);
        const mailsFaults = view.model.globalDefs.notify.mail?.vrrpFaults ?? false;
        notify(this.#notifier.happened(events, { mailsFaults }));
      },
      log,
    });
  }
}
