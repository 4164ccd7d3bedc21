import type { VrrpInstance, VrrpSyncGroup } from "../../config/vrrp-model.ts";
import type { RouterEvent } from "../machine/event.ts";
import { reloadRouter } from "../machine/reload.ts";
import { reloadGroup } from "../machine/reload-group.ts";
import type { Fault, Standing } from "../machine/standing.ts";
import { newRouter, type RouterState } from "../machine/state.ts";
import { step } from "../machine/step.ts";
import { type MemberActions, type SyncGroupState, stepGroup } from "../machine/sync-group.ts";

/** What a configuration brings of one instance. */
export interface Configured {
  readonly instance: VrrpInstance;
  /** As it stands now, without what comes from other members of its group. */
  readonly standing: Standing;
}

export interface Reconfigured {
  /** To be done now. Those of instances that end or begin anew are `farewells`: they belong to the configuration before. */
  readonly actions: readonly MemberActions[];
  readonly farewells: readonly MemberActions[];
  /** Instances that want a `startup`. */
  readonly toStart: readonly string[];
}

/** What a successor goes on from: plain data. */
export interface MachinesSnapshot {
  readonly alone: readonly RouterState[];
  readonly groups: readonly SyncGroupState[];
}

/** The state machines of all instances, alone or in sync groups. Holds states, and does nothing itself. */
export class Machines {
  #instances = new Map<string, VrrpInstance>();
  #alone = new Map<string, RouterState>();
  #groups = new Map<string, SyncGroupState>();
  /** Of each member: its group and its place in it. */
  #places = new Map<string, { readonly group: string; readonly at: number }>();

  stateOf(instance: string): RouterState {
    const place = this.#places.get(instance);
    const state =
      place === undefined ? this.#alone.get(instance) : this.#groups.get(place.group)?.members[place.at]?.router;
    if (state === undefined) throw new RangeError(`no instance ${instance}`);
    return state;
  }

  /** How it stands by itself, as it was told last. */
  ownStandingOf(instance: string): Standing {
    const { standing } = this.stateOf(instance);
    const place = this.#places.get(instance);
    const faults: readonly Fault[] | undefined =
      place === undefined ? undefined : this.#groups.get(place.group)?.members[place.at]?.faults;
    return faults === undefined ? standing : { ...standing, faults };
  }

  snapshot(): MachinesSnapshot {
    return { alone: [...this.#alone.values()], groups: [...this.#groups.values()] };
  }

  /** Goes on from the states of a predecessor, which ran under the same configuration. */
  restore({ alone, groups }: MachinesSnapshot): void {
    for (const state of alone) if (this.#alone.has(state.settings.name)) this.#alone.set(state.settings.name, state);
    for (const group of groups) if (this.#groups.has(group.name)) this.#groups.set(group.name, group);
  }

  /** One event, and what follows from it for this instance and those that move with it, in order. */
  step(instance: string, event: RouterEvent, nowMs: number): readonly MemberActions[] {
    const place = this.#places.get(instance);
    const group = place === undefined ? undefined : this.#groups.get(place.group);
    if (place === undefined || group === undefined) {
      const { state, actions } = step(this.stateOf(instance), event, nowMs);
      this.#alone.set(instance, state);
      return actions.length === 0 ? nothing : [{ instance, actions }];
    }
    const result = stepGroup(group, place.at, event, nowMs);
    if (result.group !== group) this.#groups.set(place.group, result.group);
    return result.actions;
  }

  /** The state of a backup, if what an event just came to is nothing but its heartbeat, which leaves the state as it is. */
  heartbeatState([first, ...others]: readonly MemberActions[]): RouterState | null {
    if (first === undefined || others.length > 0) return null;
    const state = this.stateOf(first.instance);
    return state.phase === "backup" && first.actions === state.heartbeat ? state : null;
  }

  /** The first configuration, or another one. Instances that it leaves out have been shut down before. */
  configure(configured: readonly Configured[], syncGroups: readonly VrrpSyncGroup[], nowMs: number): Reconfigured {
    const running = new Map(
      [...this.#instances].map(([name, before]) => [name, { before, state: this.stateOf(name) }]),
    );
    const byName = new Map(configured.map((each) => [each.instance.name, each]));
    const actions: MemberActions[] = [];
    const farewells: MemberActions[] = [];
    const toStart: string[] = [];
    this.#alone = new Map();
    this.#groups = new Map();
    this.#places = new Map();
    for (const { name, members } of syncGroups) {
      const present = members.flatMap((member) => byName.get(member) ?? []);
      const reloads = present.map(({ instance: after, standing }) => {
        return { after, standing, running: running.get(after.name) ?? null };
      });
      const result = reloadGroup(name, reloads, nowMs);
      this.#groups.set(name, result.group);
      for (const [at, { instance }] of present.entries()) this.#places.set(instance.name, { group: name, at });
      toStart.push(...result.toStart);
      for (const each of result.actions) {
        if (result.toStart.includes(each.instance)) farewells.push(each);
        else actions.push(each);
      }
    }
    for (const { instance, standing } of configured) {
      const { name } = instance;
      if (this.#places.has(name)) continue;
      const old = running.get(name);
      if (old === undefined) {
        this.#alone.set(name, newRouter(instance, standing, null, nowMs));
        toStart.push(name);
        continue;
      }
      const result = reloadRouter(old.state, old.before, instance, standing, nowMs);
      if (result.kind === "restarted") {
        this.#alone.set(name, result.state);
        farewells.push({ instance: name, actions: result.farewell });
        toStart.push(name);
      } else {
        this.#alone.set(name, result.step.state);
        actions.push({ instance: name, actions: result.step.actions });
      }
    }
    this.#instances = new Map(configured.map(({ instance }) => [instance.name, instance]));
    return { actions, farewells, toStart };
  }
}

const nothing: readonly MemberActions[] = [];
