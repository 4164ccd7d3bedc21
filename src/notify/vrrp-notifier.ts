import type { InstanceNotify, VrrpInstance, VrrpModel, VrrpSyncGroup } from "../config/vrrp-model.ts";
import type { StateChange } from "../vrrp/machine/action.ts";
import { describeReason } from "../vrrp/machine/describe.ts";
import type { Phase } from "../vrrp/machine/phase.ts";
import type { RunnerEvent } from "../vrrp/process/runner-event.ts";
import type { Notification } from "./notification.ts";
import { type VrrpChange, type VrrpState, vrrpNotification } from "./vrrp-notification.ts";

type Configured = Pick<VrrpModel, "instances" | "syncGroups">;

/** What others know of an instance. */
interface Told {
  readonly state: VrrpState;
  readonly priority: number;
}

/** When it is told, of all that is told at once. */
type Place = "startFaults" | "startGroups" | "starts" | "later";

/** Of an instance, and of the groups that are as it is now. */
interface ChangeTold {
  readonly own: readonly Notification[];
  readonly groups: readonly Notification[];
}

const nothing: ChangeTold = { own: [], groups: [] };

/** Plain data. */
export interface VrrpNotifierMemory {
  readonly instances: readonly (readonly [string, Told])[];
  readonly groups: readonly (readonly [string, GroupState])[];
}

/**
 * What is to be told of VRRP instances and sync groups, read off what their state machines did: members first, then their group
 * once all of them are in the same state. At the start and the end it is as with keepalived: instances in fault, groups, the others; all
 * instances, then groups. What is on its way (before its start, leaving) is not told, nor a state twice: a VRRP process that was started
 * again and is what it was is no news. Pure but for the memory of what was told.
 */
export class VrrpNotifier {
  #instances: ReadonlyMap<string, VrrpInstance>;
  #groups: readonly VrrpSyncGroup[];
  /** Instances that a reload dropped, until their end is told. */
  readonly #dropped = new Map<string, VrrpInstance>();
  readonly #told = new Map<string, Told>();
  readonly #toldGroups = new Map<string, GroupState>();
  /** Groups that have stopped, until all instances have. */
  #stoppedGroups: Notification[] = [];

  constructor({ instances, syncGroups }: Configured) {
    this.#instances = byName(instances);
    this.#groups = syncGroups;
  }

  /** For a successor: what others know. */
  get memory(): VrrpNotifierMemory {
    return { instances: [...this.#told], groups: [...this.#toldGroups] };
  }

  /** What a predecessor has told. */
  inherit({ instances, groups }: VrrpNotifierMemory): void {
    for (const [name, told] of instances) this.#told.set(name, told);
    for (const [name, state] of groups) this.#toldGroups.set(name, state);
  }

  /** Another configuration, before anything is told of what it changes. */
  configure({ instances, syncGroups }: Configured): void {
    const before = this.#instances;
    this.#instances = byName(instances);
    for (const [name, instance] of before) if (!this.#instances.has(name)) this.#dropped.set(name, instance);
    for (const name of this.#instances.keys()) this.#dropped.delete(name);
    this.#groups = syncGroups;
    const groups = new Set(syncGroups.map(({ name }) => name));
    for (const name of this.#toldGroups.keys()) if (!groups.has(name)) this.#toldGroups.delete(name);
  }

  /** `mailsFaults`: unless no_email_faults. */
  happened(events: readonly RunnerEvent[], { mailsFaults }: { readonly mailsFaults: boolean }): Notification[] {
    const order = { startFaults: [], startGroups: [], starts: [], later: [] } as Record<Place, Notification[]>;
    for (const event of events) {
      switch (event.type) {
        case "changed": {
          const { from, to } = event.change;
          const { own, groups } = this.#changed(event.change);
          const told = (each: Notification) => (mailsFaults || to !== "fault" ? each : { ...each, mail: null });
          const isStart = from === "initialize";
          if (isStart && to !== "stopped") this.#stoppedGroups = [];
          order[!isStart ? "later" : to === "fault" ? "startFaults" : "starts"].push(...own.map(told));
          if (to === "stopped") this.#stoppedGroups.push(...groups);
          else order[isStart ? "startGroups" : "later"].push(...groups.map(told));
          break;
        }
        case "priority_changed":
          order.later.push(...this.#priorityChanged(event.change.instance, event.change.to));
          break;
        case "lower_priority_received":
          order.later.push(...this.#tell(event.instance, "MASTER_RX_LOWER_PRI", null));
      }
    }
    return [...order.startFaults, ...order.startGroups, ...order.starts, ...order.later, ...this.#endedGroups()];
  }

  /** Those that wait for the last instance, which masters end later than others. */
  #endedGroups(): Notification[] {
    const isOver = [...this.#instances.keys()].every((name) => this.#told.get(name)?.state === "STOP");
    return isOver ? this.#stoppedGroups.splice(0) : [];
  }

  /** Lines of FIFOs for all that is known (fifo_write_vrrp_states_on_reload). */
  everything(): Notification[] {
    const instances = [...this.#told].flatMap(([name, { state }]) => this.#tell(name, state, null));
    const groups = this.#groups.flatMap((group) => {
      const state = this.#toldGroups.get(group.name);
      return state === undefined ? [] : groupNotification(group, state, null);
    });
    return [...instances, ...groups].map((each) => ({ ...each, scripts: [], mail: null }));
  }

  #changed(change: StateChange): ChangeTold {
    const { instance: name, priority, because } = change;
    const state = stateOf(change.to);
    // A reload that makes it another router: what it is from then on is told.
    if (state === null || (state === "STOP" && because.kind === "reconfigured")) return nothing;
    const dropped = this.#dropped.get(name);
    const before = this.#told.get(name);
    this.#told.set(name, { state, priority });
    if (before?.state === state) return nothing;
    const why = `It was ${change.from} until now: ${describeReason(because)}.`;
    if (dropped === undefined || state !== "STOP")
      return { own: this.#tell(name, state, why), groups: this.#groupsOf(name, why) };
    const own = this.#tell(name, "DELETED", why);
    this.#dropped.delete(name);
    this.#told.delete(name);
    return { own, groups: [] };
  }

  #priorityChanged(name: string, priority: number): Notification[] {
    const told = this.#told.get(name);
    if (told === undefined) return [];
    this.#told.set(name, { ...told, priority });
    if (told.state !== "MASTER" && told.state !== "BACKUP") return [];
    return this.#tell(name, `${told.state}_PRIORITY`, null);
  }

  #tell(name: string, to: InstanceChange["to"], why: string | null): Notification[] {
    const notify = this.#notifyOf(name);
    const { priority } = this.#told.get(name) ?? {};
    if (notify === null || priority === undefined) return [];
    const notification = vrrpNotification({ kind: "INSTANCE", name, to, priority, notify }, why);
    return notification === null ? [] : [notification];
  }

  #groupsOf(name: string, why: string): Notification[] {
    return this.#groups.flatMap((group) => {
      if (!group.members.includes(name)) return [];
      const [state, ...others] = new Set(group.members.map((member) => this.#told.get(member)?.state));
      if (state === undefined || state === "DELETED" || others.length > 0) return [];
      if (this.#toldGroups.get(group.name) === state) return [];
      this.#toldGroups.set(group.name, state);
      return groupNotification(group, state, `The last of its instances was ${name}. ${why}`);
    });
  }

  #notifyOf(name: string): InstanceNotify | null {
    return (this.#instances.get(name) ?? this.#dropped.get(name))?.notify ?? null;
  }
}

type InstanceChange = Extract<VrrpChange, { kind: "INSTANCE" }>;
type GroupState = Extract<VrrpChange, { kind: "GROUP" }>["to"];

/** Whether anybody is told by scripts; mail and FIFOs are a matter of global_defs. */
export function hasNotifyScripts({ instances, syncGroups }: Configured): boolean {
  return [...instances, ...syncGroups].some(({ notify }) =>
    Object.values(notify).some((value) => typeof value === "object" && value !== null),
  );
}

function groupNotification({ name, notify }: VrrpSyncGroup, to: GroupState, why: string | null): Notification[] {
  const notification = vrrpNotification({ kind: "GROUP", name, to, notify }, why);
  return notification === null ? [] : [notification];
}

function byName(instances: readonly VrrpInstance[]): ReadonlyMap<string, VrrpInstance> {
  return new Map(instances.map((instance) => [instance.name, instance]));
}

/** Null: on its way to another. */
function stateOf(phase: Phase): VrrpState | null {
  switch (phase) {
    case "master":
      return "MASTER";
    case "backup":
      return "BACKUP";
    case "fault":
      return "FAULT";
    case "stopped":
      return "STOP";
    case "initialize":
    case "leaving":
      return null;
  }
}
