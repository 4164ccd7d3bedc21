import { type CheckPass, type CheckState, passedAgain } from "@lbctl/checkers";
import type { Model } from "../config/model.ts";
import { keyOf } from "../director/check-key.ts";
import type { VirtualServerDecision } from "../director/decision.ts";
import type { Refusal } from "../director/refusals.ts";
import type { ViewChange as DirectorViewChange, DriftView } from "../director/view.ts";
import { countersOf, type ToldCounters } from "../vrrp/process/counters.ts";
import type { InstanceView } from "../vrrp/process/instance-view.ts";

/** What the checker process pushes when it changes; plain data. Parts that are absent stay as they were. */
export interface ViewChange {
  readonly checks?: readonly { readonly key: string; readonly state: CheckState }[];
  /** Of checks that go on passing: the rest of their states stays. */
  readonly passes?: readonly Omit<CheckPass, "check">[];
  readonly director?: DirectorViewChange;
}

/** Hears of every change of a View, in no detail that the View does not have itself. */
export interface ViewWatcher {
  changed(change: ViewChange): void;
  instancesChanged(): void;
  /** Another configuration is in force. */
  configured(): void;
}

/** What a successor goes on from before anything is heard. */
export interface ViewMemory {
  readonly instances: readonly InstanceView[];
  readonly drift: DriftView;
}

/** The supervisor's copy of what the checker process knows; status is read from it and never waits for the checker. */
export class View {
  readonly #checks = new Map<string, CheckState>();
  readonly #decisions = new Map<string, VirtualServerDecision>();
  #refusals: readonly Refusal[] = [];
  #drift: DriftView = { repairedTotal: 0, last: null };
  /** What earlier checker processes had repaired: each counts from zero. */
  #repairedBefore = 0;
  #unavailable: string | null = null;
  readonly #instances = new Map<string, InstanceView>();
  #instanceNames: readonly string[] = [];
  #model: Model;
  #generation: number;
  /** Told what is otherwise than before. */
  watcher: ViewWatcher | null = null;

  constructor(model: Model, generation: number) {
    this.#model = model;
    this.#generation = generation;
  }

  get model(): Model {
    return this.#model;
  }
  get generation(): number {
    return this.#generation;
  }
  get checks(): ReadonlyMap<string, CheckState> {
    return this.#checks;
  }
  get decisions(): ReadonlyMap<string, VirtualServerDecision> {
    return this.#decisions;
  }
  get refusals(): readonly Refusal[] {
    return this.#refusals;
  }
  get drift(): DriftView {
    return this.#drift;
  }

  /** Of the VRRP instances, in the order of the configuration; those that told nothing yet are missing. */
  get instances(): readonly InstanceView[] {
    return this.#instanceNames.flatMap((name) => this.#instances.get(name) ?? []);
  }

  /** What the VRRP process pushed. */
  applyInstances(views: readonly InstanceView[]): void {
    for (const view of views) this.#instances.set(view.name, view);
    this.watcher?.instancesChanged();
  }

  /** What instances that have been shown count now. */
  applyCounters(counted: ToldCounters): void {
    for (const [name, values] of counted) {
      const view = this.#instances.get(name);
      if (view !== undefined) this.#instances.set(name, { ...view, counters: countersOf(values) });
    }
    this.watcher?.instancesChanged();
  }

  /** The instances of the configuration in force; what is known of others is forgotten. */
  configureInstances(names: readonly string[]): void {
    this.#instanceNames = names;
    for (const name of this.#instances.keys()) if (!names.includes(name)) this.#instances.delete(name);
    this.watcher?.configured();
  }

  /** Why the data plane cannot be reached; null if it can. */
  get unavailable(): string | null {
    return this.#unavailable;
  }

  apply(change: ViewChange): void {
    for (const { key, state } of change.checks ?? []) this.#checks.set(key, state);
    for (const pass of change.passes ?? []) {
      const state = this.#checks.get(pass.key);
      if (state !== undefined) this.#checks.set(pass.key, passedAgain(state, pass));
    }
    const { virtualServers = [], removed = [], refusals, drift, unavailable } = change.director ?? {};
    for (const name of removed) this.#decisions.delete(name);
    for (const decision of virtualServers) this.#decisions.set(decision.name, decision);
    if (refusals !== undefined) this.#refusals = refusals;
    if (drift !== undefined) this.#drift = { ...drift, repairedTotal: this.#repairedBefore + drift.repairedTotal };
    if (unavailable !== undefined) this.#unavailable = unavailable;
    this.watcher?.changed(change);
  }

  /** What a predecessor knew, before anything is heard. */
  inherit({ instances, drift }: ViewMemory): void {
    this.applyInstances(instances);
    this.#drift = drift;
    this.#repairedBefore = drift.repairedTotal;
  }

  /** A checker process has started, which knows nothing of what its predecessors repaired. */
  checkerStarted(): void {
    this.#repairedBefore = this.#drift.repairedTotal;
  }

  /** A configuration came into force: checks that the new one has not are forgotten. */
  configure(model: Model, generation: number): void {
    this.#model = model;
    this.#generation = generation;
    const keys = new Set(
      model.virtualServers.flatMap(({ realServers }) => realServers.flatMap(({ checks }) => checks.map(keyOf))),
    );
    for (const key of this.#checks.keys()) if (!keys.has(key)) this.#checks.delete(key);
    this.watcher?.configured();
  }
}
