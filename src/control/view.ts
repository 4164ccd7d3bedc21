import type { CheckState } from "@lbctl/checkers";
import type { Model } from "../config/model.ts";
import { keyOf } from "../director/check-key.ts";
import type { VirtualServerDecision } from "../director/decision.ts";
import type { Refusal } from "../director/refusals.ts";

/** What the checker process pushes when it changes; plain data. Parts that are absent stay as they were. */
export interface ViewChange {
  readonly checks?: readonly { readonly key: string; readonly state: CheckState }[];
  readonly decisions?: readonly VirtualServerDecision[];
  readonly refusals?: readonly Refusal[];
  readonly drift?: DriftSummary;
}

export interface DriftSummary {
  readonly repairedTotal: number;
  readonly last: { readonly atEpochMs: number; readonly what: string } | null;
}

/** The supervisor's copy of what the checker process knows; status is read from it and never waits for the checker. */
export class View {
  readonly #checks = new Map<string, CheckState>();
  readonly #decisions = new Map<string, VirtualServerDecision>();
  #refusals: readonly Refusal[] = [];
  #drift: DriftSummary = { repairedTotal: 0, last: null };
  #model: Model;
  #generation: number;

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
  get drift(): DriftSummary {
    return this.#drift;
  }

  apply(change: ViewChange): void {
    for (const { key, state } of change.checks ?? []) this.#checks.set(key, state);
    for (const decision of change.decisions ?? []) this.#decisions.set(decision.name, decision);
    if (change.refusals !== undefined) this.#refusals = change.refusals;
    if (change.drift !== undefined) this.#drift = change.drift;
  }

  /** A configuration came into force: what the old one had and the new one has not is forgotten. */
  configure(model: Model, generation: number): void {
    this.#model = model;
    this.#generation = generation;
    const names = new Set(model.virtualServers.map(({ name }) => name));
    for (const name of this.#decisions.keys()) if (!names.has(name)) this.#decisions.delete(name);
    const keys = new Set(model.virtualServers.flatMap(({ realServers }) => realServers.flatMap(({ checks }) => checks.map(keyOf))),);
    for (const key of this.#checks.keys()) if (!keys.has(key)) this.#checks.delete(key);
  }
}
