import { type CheckState, sameSaid } from "@lbctl/checkers";
import { type Destination, type ServiceKey, serviceKeyText } from "ipvs-netlink";
import type { IpvsSettings } from "../config/ipvs-model.ts";
import type { Model, VirtualServer } from "../config/model.ts";
import { Alarm } from "./alarm.ts";
import { carriedOver } from "./carried-over.ts";
import { checkKeysOf } from "./check-key.ts";
import type { Clock } from "./clock.ts";
import type { DataPlane } from "./data-plane.ts";
import { DecisionPace } from "./decision-pace.ts";
import { describeDrift } from "./describe-event.ts";
import { DesiredTable, type TableChange } from "./desired-table.ts";
import { diff } from "./diff.ts";
import type { DirectorEvent } from "./events.ts";
import type { Override } from "./facts.ts";
import { fromSnapshot, toSnapshot } from "./health-snapshot.ts";
import { loadRecord } from "./load-record.ts";
import type { PassReport } from "./outcome.ts";
import { Ownership } from "./ownership.ts";
import { type PlannedOperation, withFound } from "./planned-operation.ts";
import { Reconciler } from "./reconciler.ts";
import type { DirectorRecords } from "./records.ts";
import { removeServices } from "./remove-services.ts";
import { seed } from "./seed.ts";
import { SettingsKeeper } from "./settings-keeper.ts";
import { SnapshotWriter } from "./snapshot-writer.ts";
import { steadyReads } from "./steady-reads.ts";
import type { DirectorView, DriftView, ViewChange } from "./view.ts";

export interface DirectorOptions {
  readonly dataPlane: DataPlane;
  readonly records: DirectorRecords;
  /** What operators said before it began, by `realServerKey`. */
  readonly overrides?: ReadonlyMap<string, Override>;
  readonly clock: Clock;
  readonly onEvents: (events: readonly DirectorEvent[]) => void;
  readonly onView: (change: ViewChange) => void;
  /** For tests: from how many destinations on a service is written before it is read. */
  readonly presumedFrom?: number;
}

/** A new state of a check. Every result may be told, not only changes of health. */
export interface HealthChange {
  readonly key: string;
  readonly state: CheckState;
}

/**
 * Keeps the table equal to what configuration, health and operator want: decides (pure) and has it carried out. Order of calls:
 * `inherit`, `start`, then anything, `stop`. The caller holds the writer lock from before `inherit` until after `stop`.
 */
export class Director {
  readonly #options: DirectorOptions;
  readonly #dataPlane: DataPlane;
  readonly #table = new DesiredTable();
  readonly #ownership: Ownership;
  readonly #reconciler: Reconciler;
  readonly #snapshots: SnapshotWriter;
  readonly #settings: SettingsKeeper;
  #flushOnStop: IpvsSettings["flushOnStop"] = "ours";
  readonly #checks = new Map<string, CheckState>();
  readonly #pace: DecisionPace;
  #overrides: ReadonlyMap<string, Override>;
  /** The table before the first write, by text of the service key. Empty after that. */
  readonly #inherited = new Map<string, readonly Destination[]>();
  /** Of virtual servers that have been configured ever since: one that comes back later starts anew. */
  #inheritedQuorum = new Map<string, boolean>();
  readonly #rise: Alarm;
  #drift: DriftView = { repairedTotal: 0, last: null };

  constructor(options: DirectorOptions) {
    this.#options = options;
    this.#overrides = options.overrides ?? new Map();
    this.#dataPlane = steadyReads(options.dataPlane);
    this.#rise = new Alarm(options.clock, (atEpochMs) => this.#weightsRise(atEpochMs));
    this.#pace = new DecisionPace(options.clock, (virtualServers) => void this.#recompute(virtualServers));
    const onEvent = (event: DirectorEvent) => this.#tell([event]);
    this.#ownership = new Ownership(options.records.ownership, onEvent);
    this.#reconciler = new Reconciler({
      dataPlane: this.#dataPlane,
      table: this.#table,
      ownership: this.#ownership,
      clock: options.clock,
      onEvents: (events) => this.#tell(events),
      ...(options.presumedFrom === undefined ? {} : { presumedFrom: options.presumedFrom }),
    });
    this.#settings = new SettingsKeeper({ control: options.dataPlane.control, clock: options.clock, onEvent });
    this.#snapshots = new SnapshotWriter(options.records.health, () => this.#snapshot(), options.clock, onEvent);
  }

  /**
   * Reads what a predecessor left and returns the check states to start from, by check key. Rejects if the data plane cannot
   * be read.
   */
  async inherit(model: Model): Promise<ReadonlyMap<string, CheckState>> {
    const ownership = await loadRecord(this.#options.records.ownership, (event) => this.#tell([event]));
    const snapshot = await loadRecord(this.#options.records.health, (event) => this.#tell([event]));
    if (ownership !== null) this.#ownership.inherit(ownership);
    const names = new Set(model.virtualServers.map(({ name }) => name));
    this.#inheritedQuorum = new Map(snapshot?.quorumMet.filter((name) => names.has(name)).map((name) => [name, true]));
    const table = await this.#dataPlane.dump();
    for (const { service, destinations } of table) this.#inherited.set(serviceKeyText(service.key), destinations);
    const inheritance = {
      overrides: this.#overrides,
      snapshot: snapshot && fromSnapshot(snapshot, checkKeysOf(model)),
      table,
      isOwned: (text: string) => this.#ownership.has(text),
    };
    return seed(model, inheritance, this.#epochMs());
  }

  /** Adopts the table as it is and applies the difference. Resolves when that was done or tried. */
  async start(model: Model, seeds: ReadonlyMap<string, CheckState>): Promise<PassReport> {
    for (const [key, state] of seeds) if (!this.#checks.has(key)) this.#checks.set(key, state);
    const change = this.#table.configure(model, this.#facts(), this.#epochMs());
    if (model.globalDefs.ipvs.flush) await this.#claimEverything();
    await this.#announce(change);
    const settings = this.#configureIpvs(model);
    // Before the first write: to a successor, what this start did not get to must not look as if it had failed.
    await this.#snapshots.write();
    this.#inherited.clear();
    const report = await this.#reconciler.request(this.#reconciler.keys());
    const { foundServices: services, foundDestinations: destinations, operations } = report;
    if (report.unavailable === null) this.#tell([{ type: "adopted", services, destinations, operations }]);
    this.#reconciler.readBackEvery(model.globalDefs.reconcileIntervalMs);
    await settings;
    return report;
  }

  /** What is known of checks, by key: also of those that a new configuration has changed in when they run only. */
  get checks(): ReadonlyMap<string, CheckState> {
    return this.#checks;
  }

  virtualServer(name: string): VirtualServer | undefined {
    return this.#table.virtualServer(name) ?? undefined;
  }

  /** By virtual server: what the quorum was when a predecessor ended. */
  get inheritedQuorum(): ReadonlyMap<string, boolean> {
    return this.#inheritedQuorum;
  }

  /** Applies a new configuration: only the difference to the last is read, written and verified. */
  async configure(model: Model): Promise<PassReport> {
    const pending = this.#snapshots.writePending();
    for (const [key, state] of this.#carriedOver(model)) this.#checks.set(key, state);
    const change = this.#table.configure(model, this.#facts(), this.#epochMs());
    for (const name of change.removed) this.#inheritedQuorum.delete(name);
    const wanted = new Set(checkKeysOf(model));
    for (const key of this.#checks.keys()) if (!wanted.has(key)) this.#checks.delete(key);
    // Or a successor, should this be cut short, would replace real servers by what it knows of before.
    await pending;
    await this.#announce(change);
    this.#reconciler.refusals.retryNow();
    const refused = new Set(this.#reconciler.refusals.services());
    const changed = new Map(change.services.map((key) => [serviceKeyText(key), key]));
    for (const key of refused.size === 0 ? [] : this.#reconciler.keys()) {
      const text = serviceKeyText(key);
      if (refused.has(text)) changed.set(text, key);
    }
    const settings = this.#configureIpvs(model);
    const partial = await this.#reconciler.request([...changed.values()]);
    await settings;
    const untouched = this.#table.entries().filter(({ service }) => !changed.has(serviceKeyText(service.key))).length;
    const report = { ...partial, unchanged: partial.unchanged + untouched };
    const { operations, unchanged, unavailable } = report;
    if (unavailable === null) this.#tell([{ type: "applied", operations, unchanged, refused: report.refused.length }]);
    this.#reconciler.readBackEvery(model.globalDefs.reconcileIntervalMs);
    return report;
  }

  /** New states of checks, in batches. What follows for the table is carried out on its own. */
  healthChanged(changes: readonly HealthChange[]): void {
    const changed = new Set<string>();
    const restated = new Set<string>();
    let healthChanged = false;
    for (const { key, state } of changes) {
      const before = this.#checks.get(key);
      this.#checks.set(key, state);
      const same = before?.health === state.health && sameSaid(before, state);
      if (!same) healthChanged = true;
      // A check that stays down may fail for another reason now, and more often.
      if (same && state.health !== "down") continue;
      for (const name of this.#table.usersOfCheck(key)) (same ? restated : changed).add(name);
    }
    if (healthChanged) this.#snapshots.changed();
    this.#pace.restated(restated);
    this.#pace.changed(changed);
  }

  /** The operator's overrides, all of them, by `realServerKey`. Resolves when the table was written. */
  async overridesChanged(overrides: ReadonlyMap<string, Override>): Promise<void> {
    const before = this.#overrides;
    this.#overrides = overrides;
    const concerned = new Set<string>();
    for (const key of new Set([...before.keys(), ...overrides.keys()])) {
      const [was, is] = [before.get(key), overrides.get(key)];
      if (was?.adminState === is?.adminState && was?.weight === is?.weight) continue;
      concerned.add(key.slice(0, key.lastIndexOf(" ")));
    }
    await this.#recompute(concerned);
  }

  /** The VRRP instances that are master now, all of them; null: VRRP does not run here. */
  mastersChanged(masters: readonly string[] | null): void {
    void this.#settings.mastersChanged(masters);
  }

  /** Reads the whole table back now: there is reason to believe that it is not what it was. */
  reconcile(): Promise<PassReport> {
    return this.#reconciler.request(this.#reconciler.keys());
  }

  /** What a reload with this model would do now. Reads the table, changes nothing. */
  async plan(model: Model): Promise<PlannedOperation[]> {
    const checks = new Map([...this.#checks, ...this.#carriedOver(model)]);
    const wanted = this.#table.planned(model, { ...this.#facts(), checks }, this.#epochMs());
    const actual = await this.#reconciler.exclusive(() => this.#dataPlane.dump());
    const operations = diff(wanted, actual, (key) => this.#ownership.has(serviceKeyText(key)));
    return withFound(operations, actual);
  }

  view(): DirectorView {
    return {
      virtualServers: this.#table.decisions(),
      refusals: this.#reconciler.refusals.list(),
      drift: this.#drift,
      unavailable: this.#reconciler.unavailable,
    };
  }

  /**
   * Ends. "keep" leaves the table and its records to a successor; "remove" deletes our services, and only what could not be
   * deleted stays recorded. Resolves when the last operation was answered; rejects, and leaves everything,
   * if the data plane is gone by then.
   */
  async stop(policy: "keep" | "remove"): Promise<void> {
    this.#snapshots.stop();
    this.#rise.set(null);
    this.#pace.stop();
    await this.#reconciler.stop();
    await this.#settings.stop(policy);
    if (policy === "keep") await this.#snapshots.write();
    else await this.#reconciler.exclusive(() => this.#remove());
  }

  #configureIpvs({ globalDefs }: Model): Promise<void> {
    this.#flushOnStop = globalDefs.ipvs.flushOnStop;
    return this.#settings.configure(globalDefs.ipvs, globalDefs.reconcileIntervalMs);
  }

  /** lvs_flush: what is not configured goes with the first pass, and what is keeps its connections. */
  async #claimEverything(): Promise<void> {
    const table = await this.#reconciler.exclusive(() => this.#dataPlane.dump());
    await this.#ownership.claim(table.map(({ service }) => service.key));
  }

  async #remove(): Promise<void> {
    const keys = this.#reconciler.keys();
    const ended = await removeServices({
      ...{ dataPlane: this.#dataPlane, ownership: this.#ownership, keys, flushOnStop: this.#flushOnStop },
    });
    await this.#options.records.health.remove();
    this.#tell([ended]);
  }

  async #recompute(virtualServers: ReadonlySet<string>): Promise<void> {
    if (virtualServers.size === 0) return;
    const change = this.#table.recompute(virtualServers, this.#facts(), this.#epochMs());
    this.#rise.set(this.#table.nextChangeEpochMs);
    this.#tell(change.events);
    this.#options.onView({ virtualServers: change.decisions });
    if (change.services.length > 0) await this.#reconciler.change(change.services);
  }

  /** Weights that rise do so without any news; with a clock that was set back they have risen. */
  #weightsRise(atEpochMs: number): void {
    this.#recompute(new Set(this.#table.changing(Math.max(atEpochMs, this.#epochMs()))));
    this.#rise.set(this.#table.nextChangeEpochMs);
  }

  /** Tells of a new configuration, and records its services as ours before anything is written. */
  async #announce(change: TableChange): Promise<void> {
    this.#rise.set(this.#table.nextChangeEpochMs);
    this.#tell(change.events);
    this.#options.onView({ virtualServers: change.decisions, removed: change.removed });
    this.#snapshots.changed();
    await this.#ownership.claim(this.#table.entries().map(({ service }): ServiceKey => service.key));
  }

  #tell(events: readonly DirectorEvent[]): void {
    if (events.length === 0) return;
    let refusals = false;
    let availability = false;
    let drifted = false;
    for (const event of events) {
      if (event.type === "drift_repaired") {
        drifted = true;
        const last = { epochMs: this.#epochMs(), what: describeDrift(event) };
        this.#drift = { repairedTotal: this.#drift.repairedTotal + 1, last };
      }
      refusals ||= event.type === "refused" || event.type === "refusal_ended";
      availability ||= event.type === "data_plane_available" || event.type === "data_plane_unavailable";
    }
    this.#options.onEvents(events);
    if (drifted || refusals || availability) {
      this.#options.onView({
        ...(drifted ? { drift: this.#drift } : {}),
        ...(refusals ? { refusals: this.#reconciler.refusals.list() } : {}),
        ...(availability ? { unavailable: this.#reconciler.unavailable } : {}),
      });
    }
  }

  #carriedOver(model: Model): ReadonlyMap<string, CheckState> {
    return carriedOver(model, (name) => this.#table.virtualServer(name), this.#checks);
  }

  #snapshot() {
    const destinationsOf = (text: string) => this.#inherited.get(text) ?? this.#reconciler.destinationsOf(text);
    return toSnapshot(this.#checks, this.#table.decided(), destinationsOf);
  }

  #facts() {
    return { checks: this.#checks, overrides: this.#overrides, inheritedQuorum: this.#inheritedQuorum };
  }

  #epochMs(): number {
    return this.#options.clock.now().epochMs;
  }
}
