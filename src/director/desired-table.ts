import { type Destination, type ServiceKey, serviceKeyText } from "ipvs-netlink";
import type { Model, VirtualServer } from "../config/model.ts";
import { sameDestination, sameService } from "./canonical.ts";
import { keyOf } from "./check-key.ts";
import type { VirtualServerDecision } from "./decision.ts";
import type { DecisionEvent } from "./decision-events.ts";
import { type DesiredEntry, desired } from "./desired.ts";
import type { Facts } from "./facts.ts";
import { finderByEndpoint } from "./find-by-endpoint.ts";

/** What a new configuration or new facts changed. */
export interface TableChange {
  /** Services that are to be created, altered or (now wanted by nobody) removed. */
  readonly services: readonly ServiceKey[];
  /** Of the virtual servers that were decided on again. */
  readonly decisions: readonly VirtualServerDecision[];
  /** Names of virtual servers that are gone. */
  readonly removed: readonly string[];
  readonly events: readonly DecisionEvent[];
}

/** A virtual server with what was decided for it. */
export interface Decided {
  readonly virtualServer: VirtualServer;
  readonly decision: VirtualServerDecision;
}

/**
 * The desired table of a whole model, kept up to date: a new configuration decides every virtual server once that is not the
 * very object of the last one, a new fact only those that it concerns.
 */
export class DesiredTable {
  #decided = new Map<string, Decided>();
  #entries = new Map<string, DesiredEntry>();
  #usersOfCheck = new Map<string, string[]>();
  /** Virtual servers whose weights rise, and when each changes next. */
  readonly #rising = new Map<string, number>();

  get size(): number {
    return this.#entries.size;
  }

  /** By the text of the service key; null is not wanted. */
  entry(serviceKey: string): DesiredEntry | null {
    return this.#entries.get(serviceKey) ?? null;
  }

  entries(): readonly DesiredEntry[] {
    return [...this.#entries.values()];
  }

  decision(virtualServer: string): VirtualServerDecision | null {
    return this.#decided.get(virtualServer)?.decision ?? null;
  }

  virtualServer(name: string): VirtualServer | null {
    return this.#decided.get(name)?.virtualServer ?? null;
  }

  decided(): Decided[] {
    return [...this.#decided.values()];
  }

  decisions(): VirtualServerDecision[] {
    return [...this.#decided.values()].map(({ decision }) => decision);
  }

  /** Virtual servers with a real server that this check watches. */
  usersOfCheck(checkKey: string): readonly string[] {
    return this.#usersOfCheck.get(checkKey) ?? [];
  }

  /** When the table asks for something else without any new fact; null: never. */
  get nextChangeEpochMs(): number | null {
    return this.#rising.size === 0 ? null : Math.min(...this.#rising.values());
  }

  /** The virtual servers of which this is so by now. */
  changing(nowEpochMs: number): string[] {
    return [...this.#rising].filter(([, atEpochMs]) => atEpochMs <= nowEpochMs).map(([name]) => name);
  }

  configure(model: Model, facts: Facts, nowEpochMs: number): TableChange {
    const before = this.#decided;
    const entriesBefore = this.#entries;
    this.#decided = new Map();
    this.#entries = new Map();
    this.#usersOfCheck = new Map();
    const services: ServiceKey[] = [];
    const events: DecisionEvent[] = [];
    const decisions: VirtualServerDecision[] = [];
    for (const virtualServer of model.virtualServers) {
      const old = before.get(virtualServer.name);
      if (old?.virtualServer === virtualServer) {
        // What was decided for it stands: facts that change are decided on when they do.
        this.#decided.set(virtualServer.name, old);
        this.#indexChecks(virtualServer);
        this.#keepEntries(virtualServer, entriesBefore);
        continue;
      }
      const next = desired(virtualServer, facts, old?.decision ?? null, nowEpochMs);
      decisions.push(next.decision);
      this.#rises(virtualServer.name, next.nextChangeEpochMs);
      this.#decided.set(virtualServer.name, { virtualServer, decision: next.decision });
      this.#indexChecks(virtualServer);
      events.push(...next.events);
      for (const entry of next.entries) {
        const text = serviceKeyText(entry.service.key);
        this.#entries.set(text, entry);
        if (!sameEntry(entriesBefore.get(text), entry)) services.push(entry.service.key);
      }
    }
    for (const [text, entry] of entriesBefore) if (!this.#entries.has(text)) services.push(entry.service.key);
    const removed = [...before.keys()].filter((name) => !this.#decided.has(name));
    for (const name of removed) this.#rising.delete(name);
    return { services, decisions, removed, events };
  }

  /** Decides these virtual servers again. Unknown names are ignored: they may have gone with a reload meanwhile. */
  recompute(virtualServers: Iterable<string>, facts: Facts, nowEpochMs: number): TableChange {
    const services: ServiceKey[] = [];
    const decisions: VirtualServerDecision[] = [];
    const events: DecisionEvent[] = [];
    for (const name of virtualServers) {
      const before = this.#decided.get(name);
      if (before === undefined) continue;
      const next = desired(before.virtualServer, facts, before.decision, nowEpochMs);
      this.#rises(name, next.nextChangeEpochMs);
      this.#decided.set(name, { virtualServer: before.virtualServer, decision: next.decision });
      decisions.push(next.decision);
      events.push(...next.events);
      for (const entry of next.entries) {
        const text = serviceKeyText(entry.service.key);
        if (!sameEntry(this.#entries.get(text), entry)) services.push(entry.service.key);
        this.#entries.set(text, entry);
      }
    }
    return { services, decisions, removed: [], events };
  }

  /** The entries that another model would ask for with the same facts. Changes nothing. */
  planned(model: Model, facts: Facts, nowEpochMs: number): DesiredEntry[] {
    return model.virtualServers.flatMap(
      (virtualServer) => desired(virtualServer, facts, this.decision(virtualServer.name), nowEpochMs).entries,
    );
  }

  #rises(virtualServer: string, nextChangeEpochMs: number | null): void {
    if (nextChangeEpochMs === null) this.#rising.delete(virtualServer);
    else this.#rising.set(virtualServer, nextChangeEpochMs);
  }

  #keepEntries({ services }: VirtualServer, before: ReadonlyMap<string, DesiredEntry>): void {
    for (const { key } of services) {
      const text = serviceKeyText(key);
      const entry = before.get(text);
      if (entry !== undefined) this.#entries.set(text, entry);
    }
  }

  #indexChecks(virtualServer: VirtualServer): void {
    for (const { checks } of virtualServer.realServers) {
      for (const check of checks) {
        const key = keyOf(check);
        const users = this.#usersOfCheck.get(key);
        if (users === undefined) this.#usersOfCheck.set(key, [virtualServer.name]);
        else if (users.at(-1) !== virtualServer.name) users.push(virtualServer.name);
      }
    }
  }
}

function sameEntry(before: DesiredEntry | undefined, next: DesiredEntry): boolean {
  if (before === undefined || !sameService(before.service, next.service)) return false;
  if (before.destinations.length !== next.destinations.length) return false;
  const left = finderByEndpoint(before.destinations);
  return next.destinations.every((destination, index) => sameWish(left(destination, index), destination));
}

function sameWish(before: Destination | undefined, next: Destination): boolean {
  if (before === next) return true;
  return before !== undefined && before.method === next.method && sameDestination(before, next);
}
