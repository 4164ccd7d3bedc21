import type { CheckState } from "@lbctl/checkers";
import type { Model } from "../config/model.ts";
import type { VirtualServerDecision } from "../director/decision.ts";
import type { Refusal } from "../director/refusals.ts";
import type { DriftView } from "../director/view.ts";
import type { InstanceView } from "../vrrp/process/instance-view.ts";
import { View, type ViewChange, type ViewWatcher } from "./view.ts";

/** What brings a copy of a View up to date. Plain data. */
export interface ViewTold {
  /** Another configuration is in force, and what comes with it is all there is; null: that of the copy still is. */
  readonly configuration: { readonly model: Model; readonly generation: number } | null;
  readonly checks: readonly { readonly key: string; readonly state: CheckState }[];
  readonly virtualServers: readonly VirtualServerDecision[];
  readonly removed: readonly string[];
  /** All of them; null: as before. */
  readonly instances: readonly InstanceView[] | null;
  readonly refusals: readonly Refusal[];
  readonly drift: DriftView;
  readonly unavailable: string | null;
}

/**
 * Gathers what changes in a View until somebody asks: names, not values, so that it holds little however long nobody does. The first
 * answer, and the first after a reload, is everything.
 */
export class ViewNews implements ViewWatcher {
  readonly #view: View;
  #all = true;
  #instances = true;
  readonly #checks = new Set<string>();
  readonly #virtualServers = new Set<string>();

  constructor(view: View) {
    this.#view = view;
  }

  changed({ checks = [], passes = [], director: { virtualServers = [], removed = [] } = {} }: ViewChange): void {
    if (this.#all) return;
    for (const { key } of checks) this.#checks.add(key);
    for (const { key } of passes) this.#checks.add(key);
    for (const { name } of virtualServers) this.#virtualServers.add(name);
    for (const name of removed) this.#virtualServers.add(name);
  }

  instancesChanged(): void {
    this.#instances = true;
  }

  configured(): void {
    this.#all = true;
    this.#checks.clear();
    this.#virtualServers.clear();
  }

  take(): ViewTold {
    const view = this.#view;
    const { refusals, drift, unavailable } = view;
    const keys = this.#all ? view.checks.keys() : this.#checks;
    const names = this.#all ? view.decisions.keys() : this.#virtualServers;
    const told = {
      configuration: this.#all ? { model: view.model, generation: view.generation } : null,
      checks: Array.from(keys).flatMap((key) => {
        const state = view.checks.get(key);
        return state === undefined ? [] : [{ key, state }];
      }),
      virtualServers: Array.from(names).flatMap((name) => view.decisions.get(name) ?? []),
      removed: Array.from(names).filter((name) => !view.decisions.has(name)),
      instances: this.#all || this.#instances ? view.instances : null,
      ...{ refusals, drift, unavailable },
    };
    this.#all = false;
    this.#instances = false;
    this.#checks.clear();
    this.#virtualServers.clear();
    return told;
  }
}

/** The copy after what was told; `before` is null at the first time. */
export function updatedView(before: View | null, told: ViewTold): View | null {
  const { configuration, instances } = told;
  const view = configuration === null ? before : new View(configuration.model, configuration.generation);
  if (view === null) return null;
  if (instances !== null) {
    view.configureInstances(instances.map(({ name }) => name));
    view.applyInstances(instances);
  }
  const { checks, virtualServers, removed, refusals, drift, unavailable } = told;
  view.apply({ checks, director: { virtualServers, removed, refusals, drift, unavailable } });
  return view;
}
