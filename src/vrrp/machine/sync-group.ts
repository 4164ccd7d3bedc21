import type { Action } from "./action.ts";
import type { RouterEvent } from "./event.ts";
import type { Fault, Standing } from "./standing.ts";
import type { RouterState } from "./state.ts";
import { step } from "./step.ts";

/**
 * A vrrp_sync_group: its members are master together or not at all. The group becomes master when every member would
 * (preferring backup, so that two halves of a broken network do not chase each other), backup as soon as one has to give
 * way, and has the faults of all. An instance without a group needs none of this: `step` is enough.
 */
export interface SyncGroupState {
  readonly name: string;
  readonly members: readonly SyncGroupMember[];
}

export interface SyncGroupMember {
  readonly router: RouterState;
  /** Of its own, without what comes from other members. */
  readonly faults: readonly Fault[];
}

export interface MemberActions {
  readonly instance: string;
  readonly actions: readonly Action[];
}

export interface GroupStep {
  readonly group: SyncGroupState;
  /** In the order in which they have to be done. */
  readonly actions: readonly MemberActions[];
}

export function newSyncGroup(name: string, routers: readonly RouterState[]): SyncGroupState {
  const members = routers.map((router) => ({ router, faults: router.standing.faults }));
  return { name, members: members.map((member) => ({ ...member, router: withGroupFaults(member, members) })) };
}

/** A group of routers that were running before a reload made it what it is now; their standings are `shared` already. */
export function regroup(name: string, routers: readonly RouterState[], nowMs: number): GroupStep {
  const members = routers.map((router) => ({
    router,
    faults: router.standing.faults.filter(({ kind }) => kind !== "sync_group"),
  }));
  const run = new Run({ name, members }, nowMs);
  run.equalize(
    Math.max(
      0,
      routers.findIndex(({ phase }) => phase === "backup"),
    ),
  );
  return run.result();
}

/** The standing of a member with the faults of the others, from what each of them has by itself. */
export function shared(own: readonly { readonly name: string; readonly standing: Standing }[], at: number): Standing {
  const member = own[at];
  if (member === undefined) throw new RangeError(`no member ${at}`);
  const others = own.filter((other) => other !== member && other.standing.faults.length > 0);
  const theirs = others.map(({ name }): Fault => ({ kind: "sync_group", member: name }));
  return { ...member.standing, faults: [...member.standing.faults, ...theirs] };
}

/**
 * One event for one member, and what follows from it for the others. `startup` and `shutdown` go to every member, one
 * after the other; a `failover` of one moves all.
 */
export function stepGroup(group: SyncGroupState, at: number, event: RouterEvent, nowMs: number): GroupStep {
  const member = group.members[at];
  if (member === undefined) throw new RangeError(`sync group ${group.name} has no member ${at}`);
  if (event.type === "standing") return assess(group, at, event.standing, nowMs);
  const { state, actions } = step(member.router, asMember(group, at, event), nowMs);
  if (state === member.router) return { group, actions: [{ instance: state.settings.name, actions }] };
  const run = new Run(group, nowMs);
  run.replace(at, state, actions);
  run.equalize(at);
  return run.result();
}

/**
 * Who begins follows those that have begun. Where they are master it is at once: whoever is master of that virtual router already
 * settles with it as any two masters do, where listening first would be a reason for the others to resign. Where one of them is not,
 * it does not go on as master either.
 */
function asMember({ members }: SyncGroupState, at: number, event: RouterEvent): RouterEvent {
  const begins = event.type === "startup" || (event.type === "timer" && event.timer === "startup");
  if (!begins || members[at]?.router.phase !== "initialize") return event;
  const others = members.flatMap(({ router }, index) =>
    index === at || router.phase === "initialize" ? [] : [router.phase],
  );
  if (others.length === 0) return event;
  const resumes = event.type === "startup" && event.resumedAfterMs !== null;
  if (others.every((phase) => phase === "master")) return resumes ? event : { type: "group_master" };
  return resumes ? { ...event, resumedAfterMs: null } : event;
}

/** Its own faults become everybody's. */
function assess(group: SyncGroupState, at: number, standing: Standing, nowMs: number): GroupStep {
  const members = group.members.map((member, index) =>
    index === at ? { ...member, faults: standing.faults } : member,
  );
  const run = new Run({ ...group, members }, nowMs);
  for (const [index, member] of members.entries()) {
    const own = index === at ? standing : member.router.standing;
    const faults = faultsFor(member, members);
    if (index === at || !sameFaults(faults, member.router.standing.faults)) {
      run.tell(index, { type: "standing", standing: { ...own, faults } });
    }
  }
  run.equalize(at);
  return run.result();
}

class Run {
  readonly #group: SyncGroupState;
  readonly #members: SyncGroupMember[];
  readonly #actions: MemberActions[] = [];
  readonly #nowMs: number;

  constructor(group: SyncGroupState, nowMs: number) {
    this.#group = group;
    this.#members = [...group.members];
    this.#nowMs = nowMs;
  }

  replace(at: number, router: RouterState, actions: readonly Action[]): void {
    const member = this.#members[at];
    if (member === undefined) return;
    this.#members[at] = { ...member, router };
    if (actions.length > 0) this.#actions.push({ instance: router.settings.name, actions });
  }

  tell(at: number, event: RouterEvent): void {
    const member = this.#members[at];
    if (member === undefined) return;
    const { state, actions } = step(member.router, event, this.#nowMs);
    this.replace(at, state, actions);
  }

  /** All the same again, after member `at` may have moved. */
  equalize(at: number): void {
    const routers = this.#members.map(({ router }) => router);
    const mover = routers[at];
    if (mover === undefined) return;
    if (routers.every(({ phase, claim }) => phase === "backup" && claim !== null)) {
      for (const index of routers.keys()) this.tell(index, { type: "group_master" });
      return;
    }
    if (routers.every(({ phase }) => phase === "master")) return;
    const { name: member } = mover.settings;
    for (const [index, { phase }] of routers.entries()) {
      if (phase !== "master") continue;
      if (mover.phase === "leaving" && mover.leavesTo === "backup") this.tell(index, { type: "failover" });
      else if (mover.phase === "backup") this.tell(index, { type: "group_backup", member, because: mover.because });
    }
  }

  result(): GroupStep {
    return { group: { ...this.#group, members: this.#members }, actions: this.#actions };
  }
}

function withGroupFaults(member: SyncGroupMember, members: readonly SyncGroupMember[]): RouterState {
  const { router } = member;
  return { ...router, standing: { ...router.standing, faults: faultsFor(member, members) } };
}

function faultsFor(member: SyncGroupMember, members: readonly SyncGroupMember[]): readonly Fault[] {
  const others = members.filter((other) => other !== member && other.faults.length > 0);
  return [
    ...member.faults,
    ...others.map(({ router }): Fault => ({ kind: "sync_group", member: router.settings.name })),
  ];
}

function sameFaults(one: readonly Fault[], other: readonly Fault[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
