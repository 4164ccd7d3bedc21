import type { DaemonRole, Timeouts } from "ipvs-netlink";
import { defaultIpvsSettings, type IpvsSettings } from "../config/ipvs-model.ts";
import type { Clock } from "./clock.ts";
import type { IpvsControl } from "./data-plane.ts";
import type { DirectorEvent } from "./events.ts";
import { daemonChanges, describeTimeouts, desiredDaemons, timeoutChanges } from "./ipvs-settings.ts";

export interface SettingsKeeperOptions {
  /** Null: the data plane has no such settings. */
  readonly control: IpvsControl | null;
  readonly clock: Clock;
  readonly onEvent: (event: DirectorEvent) => void;
}

/** Keeps lvs_timeouts and lvs_sync_daemon as configured: what others change, or what was refused, is set again within the period. */
export class SettingsKeeper {
  readonly #options: SettingsKeeperOptions;
  #settings: IpvsSettings = defaultIpvsSettings;
  #masters: ReadonlySet<string> | null = new Set();
  #periodMs = 0;
  #atStart: Timeouts | null = null;
  readonly #changed = new Set<keyof Timeouts>();
  readonly #started = new Set<DaemonRole>();
  /** What was refused last, by setting: said once. */
  readonly #refused = new Map<"lvs_timeouts" | "lvs_sync_daemon", string>();
  #work: Promise<void> = Promise.resolve();
  #cancel: () => void = () => {};
  #stopped = false;

  constructor(options: SettingsKeeperOptions) {
    this.#options = options;
  }

  /** Resolves, never rejects, when the settings were applied or refused. */
  configure(settings: IpvsSettings, periodMs: number): Promise<void> {
    this.#settings = settings;
    this.#periodMs = periodMs;
    return this.#run();
  }

  /** The VRRP instances that are master now; null: VRRP does not run here. */
  mastersChanged(masters: readonly string[] | null): Promise<void> {
    this.#masters = masters && new Set(masters);
    return this.#run();
  }

  /** Ends; "remove" ends the sync daemons, too. Timeouts stay: connections that live on are under them. */
  async stop(policy: "keep" | "remove"): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#work;
    const { control } = this.#options;
    if (policy === "keep" || control === null) return;
    for (const role of this.#started) {
      await control.stopDaemon(role).catch((error: unknown) => this.#refuse("lvs_sync_daemon", error));
    }
  }

  #run(): Promise<void> {
    this.#work = this.#work.then(() => this.#apply());
    return this.#work;
  }

  async #apply(): Promise<void> {
    const { control, clock } = this.#options;
    this.#cancel();
    if (this.#stopped) return;
    const { timeouts, syncDaemon } = this.#settings;
    const concerned =
      Object.keys(timeouts).length > 0 || syncDaemon !== null || this.#changed.size > 0 || this.#started.size > 0;
    if (!concerned) return;
    if (control === null) {
      const why = new Error("the user-space data plane has no such setting: it is one of the kernel's IPVS");
      if (Object.keys(timeouts).length > 0) this.#refuse("lvs_timeouts", why);
      if (syncDaemon !== null) this.#refuse("lvs_sync_daemon", why);
      return;
    }
    await this.#attempt("lvs_timeouts", () => this.#applyTimeouts(control));
    await this.#attempt("lvs_sync_daemon", () => this.#applyDaemons(control));
    if (!this.#stopped) this.#cancel = clock.setTimer(() => void this.#run(), this.#periodMs);
  }

  async #applyTimeouts(control: IpvsControl): Promise<void> {
    const { timeouts } = this.#settings;
    if (Object.keys(timeouts).length === 0 && this.#changed.size === 0) return;
    const current = await control.timeouts();
    const atStart = this.#atStart ?? current;
    this.#atStart = atStart;
    const changes = timeoutChanges(timeouts, current, atStart, this.#changed);
    for (const name of Object.keys(timeouts) as (keyof Timeouts)[]) this.#changed.add(name);
    if (changes === null) return;
    await control.setTimeouts(changes);
    const from = describeTimeouts(current);
    const to = describeTimeouts({ ...current, ...changes });
    this.#options.onEvent({ type: "ipvs_setting_changed", setting: "lvs_timeouts", from, to });
  }

  async #applyDaemons(control: IpvsControl): Promise<void> {
    const { syncDaemon } = this.#settings;
    if (syncDaemon === null && this.#started.size === 0) return;
    const running = await control.daemons();
    const { stop, start } = daemonChanges(desiredDaemons(syncDaemon, this.#masters), running, this.#started);
    for (const role of stop) {
      await control.stopDaemon(role);
      this.#started.delete(role);
      this.#tellDaemon(role, "running", "stopped");
    }
    for (const daemon of start) {
      await control.startDaemon(daemon);
      this.#tellDaemon(daemon.role, "stopped", `running on ${daemon.interface} with id ${daemon.syncId}`);
    }
    for (const { role } of desiredDaemons(syncDaemon, this.#masters)) this.#started.add(role);
  }

  #tellDaemon(role: DaemonRole, from: string, to: string): void {
    const setting = "lvs_sync_daemon";
    this.#options.onEvent({ type: "ipvs_setting_changed", setting, from: `${role} ${from}`, to });
  }

  async #attempt(setting: "lvs_timeouts" | "lvs_sync_daemon", task: () => Promise<void>): Promise<void> {
    try {
      await task();
      this.#refused.delete(setting);
    } catch (error) {
      this.#refuse(setting, error);
    }
  }

  #refuse(setting: "lvs_timeouts" | "lvs_sync_daemon", error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (this.#refused.get(setting) === message) return;
    this.#refused.set(setting, message);
    this.#options.onEvent({ type: "ipvs_setting_refused", setting, message });
  }
}
