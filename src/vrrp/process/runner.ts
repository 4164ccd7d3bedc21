import { native } from "ipvs-netlink";
import type { VrrpInstance, VrrpModel, VrrpSyncGroup } from "../../config/vrrp-model.ts";
import type { AddressOwner } from "../addresses/address-owner.ts";
import type { Action } from "../machine/action.ts";
import type { TrackedValue } from "../machine/assess.ts";
import { describeWarning } from "../machine/describe.ts";
import type { Advert, RouterEvent, TimerName } from "../machine/event.ts";
import { reloadRouter } from "../machine/reload.ts";
import type { Standing, TrackSource } from "../machine/standing.ts";
import { startupDelayMs } from "../machine/startup-delay.ts";
import { newRouter } from "../machine/state.ts";
import { step } from "../machine/step.ts";
import { type MemberActions, newSyncGroup, regroup, type SyncGroupState, stepGroup } from "../machine/sync-group.ts";
import { acceptAdvert, type Remark } from "../packet/accept-advert.ts";
import type { ReceivedAdvert } from "../packet/advert.ts";
import { nextAuthenticationSequence } from "../packet/authentication-header.ts";
import type { Decoded } from "../packet/decode-advert.ts";
import type { HmacKey } from "../packet/hmac-key.ts";
import { describe, type Rejection } from "../packet/rejection.ts";
import { acceptSettingsOf } from "../packet/settings-of-instance.ts";
import type { Announcer } from "./announcer.ts";
import { countRejection } from "./counters.ts";
import type { Interfaces } from "./interfaces.ts";
import type { ReceiveSocket } from "./receive-socket.ts";
import { newRunning, type Router } from "./router.ts";
import type { RunnerEvent } from "./runner-event.ts";
import { SaidLately } from "./said-lately.ts";
import { Surroundings } from "./surroundings.ts";
import { TimerTable } from "./timer-table.ts";
import { Wire } from "./wire.ts";

export interface RunnerOptions {
  readonly interfaces: Interfaces;
  readonly owner: Pick<AddressOwner, "take" | "release">;
  readonly announcer: Announcer;
  /** What is known of a tracked thing that is no interface. */
  readonly tracked: (source: TrackSource) => TrackedValue | null;
  readonly onEvents: (events: readonly RunnerEvent[]) => void;
}

/** How a router begins: of those before this process, how long ago they sent their last advert as master. */
export type ResumedAfter = (instance: string) => number | null;

/** How often a thing that may come with every advert is logged. */
const quietMs = 60_000;
/** From here on a timer counts as late, and what waits on all sockets is read before others are. */
const lateMs = 2;

/**
 * Runs the state machines: owns the timer and the sockets, feeds events in, carries actions out, and decides nothing. All that
 * happens at one time is one wake-up: overdue advert timers, packets, other timers, then one flush of what is to be sent.
 */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #wire: Wire;
  readonly #surroundings: Surroundings;
  readonly #timerFd: number;
  readonly #startedMs: number;
  readonly #said = new SaidLately(quietMs);
  #model: VrrpModel | null = null;
  #routers: Router[] = [];
  #byName = new Map<string, number>();
  #groups: (SyncGroupState | null)[] = [];
  /** Of each router: its sync group and its place in it. */
  #membership: ({ readonly group: number; readonly at: number } | null)[] = [];
  #timers = new TimerTable(0);
  #events: RunnerEvent[] = [];
  #armedMs = Number.POSITIVE_INFINITY;
  #worstLateMs = 0;
  readonly #hearing: { type: "advert" } & { -readonly [K in keyof Advert]: Advert[K] } = {
    type: "advert",
    source: "",
    priority: 0,
    advertMs: 0,
  };

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#startedMs = native().bootTime();
    this.#surroundings = new Surroundings(options.interfaces, options.tracked);
    this.#wire = new Wire({
      onReadable: (socket) => this.#wake(socket),
      onError: (instance, message) => this.#tell({ type: "socket_failed", instance, message }),
    });
    this.#timerFd = native().openTimer();
    native().watch(this.#timerFd, 1, () => this.#wake(null));
  }

  get routers(): readonly Router[] {
    return this.#routers;
  }

  nowMs(): number {
    return native().bootTime();
  }

  /** The worst lateness of a timer since it was last asked for. */
  takeWorstLateMs(): number {
    const worst = this.#worstLateMs;
    this.#worstLateMs = 0;
    return worst;
  }

  /** The first configuration, or another one. Interfaces and addresses are as the model wants them. */
  configure(
    model: VrrpModel,
    keys: ReadonlyMap<string, ReadonlyMap<number, HmacKey>>,
    resumedAfter: ResumedAfter,
  ): void {
    const nowMs = this.nowMs();
    const before = { routers: this.#routers, byName: this.#byName, timers: this.#timers };
    this.#model = model;
    this.#surroundings.configure(model);
    this.#endDropped(model, nowMs);
    this.#timers = new TimerTable(model.instances.length);
    const fresh: number[] = [];
    const later: { router: number; actions: readonly Action[] }[] = [];
    const farewells: { router: number; actions: readonly Action[] }[] = [];
    this.#byName = new Map(model.instances.map(({ name }, index) => [name, index]));
    this.#routers = model.instances.map((instance, index) => {
      const last = before.byName.get(instance.name);
      const old = last === undefined ? undefined : before.routers[last];
      const standing = this.#surroundings.standingOf(instance);
      const instanceKeys = keys.get(instance.name) ?? noKeys;
      if (old === undefined || last === undefined) {
        fresh.push(index);
        return newRunning(instance, newRouter(instance, standing, null, nowMs), instanceKeys);
      }
      const reload = reloadRouter(old.state, old.instance, instance, standing, nowMs);
      if (reload.kind === "restarted") {
        fresh.push(index);
        farewells.push({ router: last, actions: reload.farewell });
        return { ...newRunning(instance, reload.state, instanceKeys), counters: old.counters };
      }
      this.#timers.copyFrom(before.timers, last, index);
      later.push({ router: index, actions: reload.step.actions });
      return { ...old, instance, keys: instanceKeys, state: reload.step.state };
    });
    if (farewells.length > 0) {
      // Under the old configuration, through the old sockets.
      const now = { routers: this.#routers, timers: this.#timers };
      this.#routers = before.routers;
      this.#timers = before.timers;
      for (const { router, actions } of farewells) this.#carryOut(router, actions, nowMs);
      this.#flush();
      this.#routers = now.routers;
      this.#timers = now.timers;
    }
    this.#rewire();
    for (const { router, actions } of later) this.#carryOut(router, actions, nowMs);
    this.#regroup(model.syncGroups, fresh, nowMs);
    this.#lookAtAll(nowMs);
    for (const router of fresh) {
      const { name } = (this.#routers[router] as Router).instance;
      const delayMs = startupDelayMs(model.globals, nowMs - this.#startedMs, nowMs);
      this.#dispatch(router, { type: "startup", delayMs, resumedAfterMs: resumedAfter(name) }, nowMs);
    }
    this.#finish();
  }

  /** Interfaces, addresses or tracked things may be others than before. */
  factsChanged(): void {
    if (this.#model === null) return;
    const nowMs = this.nowMs();
    this.#rewire();
    this.#lookAtAll(nowMs);
    this.#finish();
  }

  /** Says whether there is such an instance. */
  failover(instance: string): boolean {
    const router = this.#byName.get(instance);
    if (router === undefined) return false;
    this.#dispatch(router, { type: "failover" }, this.nowMs());
    this.#finish();
    return true;
  }

  shutdown(release: Extract<RouterEvent, { type: "shutdown" }>["release"]): void {
    const nowMs = this.nowMs();
    for (const router of this.#routers.keys()) this.#dispatch(router, { type: "shutdown", release }, nowMs);
    this.#finish();
  }

  close(): void {
    native().unwatch(this.#timerFd);
    native().close(this.#timerFd);
    this.#wire.close();
  }

  #wake(readable: ReceiveSocket | null): void {
    const nowMs = this.nowMs();
    const overdueMs = nowMs - this.#armedMs;
    if (overdueMs > this.#worstLateMs) this.#worstLateMs = overdueMs;
    this.#takeDue("advert", nowMs);
    if (overdueMs > lateMs || this.#timers.isOtherDue(nowMs)) {
      for (const socket of this.#wire.sockets) this.#receive(socket, nowMs);
    } else if (readable !== null) this.#receive(readable, nowMs);
    this.#takeDue("others", nowMs);
    this.#finish();
  }

  #takeDue(which: "advert" | "others", nowMs: number): void {
    this.#timers.takeDue(which, nowMs, (router, timer, dueMs) => {
      // Deadlines are from one to the next, so that the rhythm does not drift by what each wake-up is late.
      this.#dispatch(router, { type: "timer", timer, dueMs }, nowMs, timer === "advert" ? dueMs : null);
    });
  }

  #finish(): void {
    this.#flush();
    const earliestMs = this.#timers.earliestMs();
    if (earliestMs !== this.#armedMs) {
      this.#armedMs = earliestMs;
      native().setTimer(this.#timerFd, earliestMs === Number.POSITIVE_INFINITY ? -1 : earliestMs);
    } else if (earliestMs <= this.nowMs()) native().setTimer(this.#timerFd, earliestMs);
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#options.onEvents(events);
  }

  #flush(): void {
    this.#wire.flush((router, errno) => {
      const sender = this.#routers[router] as Router;
      const { counters, instance } = sender;
      sender.isQueued = false;
      if (errno === null) {
        counters.advertisementsSent++;
        return;
      }
      counters.sendErrors++;
      if (this.#said.isDue(`send ${instance.name} ${errno}`, this.nowMs())) {
        this.#tell({ type: "send_failed", instance: instance.name, errno });
      }
    });
  }

  #receive(socket: ReceiveSocket, nowMs: number): void {
    this.#wire.receive(socket, (decoded) => this.#hear(socket, decoded, nowMs));
  }

  #hear(socket: ReceiveSocket, decoded: Decoded, nowMs: number): void {
    if (!decoded.ok) {
      const routers = decoded.virtualRouterId === null ? [] : this.#wire.listeners(socket, decoded.virtualRouterId);
      for (const router of routers) this.#reject(router, decoded.rejection, decoded.source, nowMs);
      return;
    }
    const { advert } = decoded;
    const routers = this.#wire.listeners(socket, advert.virtualRouterId);
    if (routers.length === 0) this.#strangers(socket, advert, nowMs);
    let first: { readonly router: number; readonly rejection: Rejection } | null = null;
    for (const router of routers) {
      const rejection = this.#offer(router, advert, nowMs);
      if (rejection === null) return;
      first ??= { router, rejection };
    }
    if (first !== null) this.#reject(first.router, first.rejection, advert.source, nowMs);
  }

  /** Null when the advert is for this router, whatever it makes of it. */
  #offer(index: number, advert: ReceivedAdvert, nowMs: number): Rejection | null {
    const router = this.#routers[index] as Router;
    const { acceptSettings } = router;
    if (acceptSettings === null) return null;
    const verdict = acceptAdvert(acceptSettings, router.accept, advert, Date.now());
    if (!verdict.ok) return verdict.rejection;
    router.accept = verdict.state;
    router.counters.advertisementsReceived++;
    if (advert.priority === 0) router.counters.priorityZeroReceived++;
    for (const remark of verdict.remarks) this.#remark(router, remark, advert.source, nowMs);
    const event = this.#hearing;
    event.source = advert.source;
    event.priority = advert.priority;
    event.advertMs = advert.advertMs;
    this.#dispatch(index, event, nowMs);
    return null;
  }

  #reject(index: number, rejection: Rejection, source: string | null, nowMs: number): void {
    const { counters, instance } = this.#routers[index] as Router;
    countRejection(counters, rejection);
    if (!this.#said.isDue(`reject ${instance.name} ${source} ${rejection.kind}`, nowMs)) return;
    this.#tell({ type: "advert_rejected", instance: instance.name, source, message: describe(rejection) });
  }

  #remark(router: Router, remark: Remark, source: string, nowMs: number): void {
    // The machine tells of other intervals.
    if (remark.kind === "advert-interval") return;
    const { name } = router.instance;
    if (remark.kind === "checksum" && remark.got === "old-unicast" && router.instance.checksum.oldUnicast === "auto") {
      router.makesOldChecksum = true;
      this.#rewire();
    }
    if (!this.#said.isDue(`remark ${name} ${source} ${remark.kind}`, nowMs)) return;
    this.#tell({ type: "advert_remarked", instance: name, source, remark });
  }

  #strangers(socket: ReceiveSocket, { virtualRouterId, source }: ReceivedAdvert, nowMs: number): void {
    if (!this.#model?.globals.logUnknownVrids) return;
    const on = socket.endpoint.interface?.name ?? null;
    if (!this.#said.isDue(`stranger ${on} ${virtualRouterId} ${source}`, nowMs)) return;
    this.#tell({ type: "unknown_vrid", interface: on, virtualRouterId, source });
  }

  #dispatch(index: number, event: RouterEvent, nowMs: number, fromMs: number | null = null): void {
    const member = this.#membership[index];
    const group = member === null || member === undefined ? null : this.#groups[member.group];
    if (group === null || group === undefined || member === null || member === undefined) {
      const router = this.#routers[index] as Router;
      const { state, actions } = step(router.state, event, nowMs);
      router.state = state;
      this.#carryOut(index, actions, nowMs, fromMs);
      return;
    }
    const result = stepGroup(group, member.at, event, nowMs);
    if (result.group !== group) this.#groups[member.group] = result.group;
    for (const { router } of result.group.members) this.#routerNamed(router.settings.name).state = router;
    this.#carryOutGroup(result.actions, nowMs, fromMs);
  }

  #carryOutGroup(members: readonly MemberActions[], nowMs: number, fromMs: number | null = null): void {
    for (const { instance, actions } of members) {
      const index = this.#byName.get(instance);
      if (index !== undefined) this.#carryOut(index, actions, nowMs, fromMs);
    }
  }

  #routerNamed(name: string): Router {
    return this.#routers[this.#byName.get(name) as number] as Router;
  }

  /** `fromMs`: when the event was due, for the advert timer that follows it. */
  #carryOut(index: number, actions: readonly Action[], nowMs: number, fromMs: number | null = null): void {
    for (const action of actions) this.#perform(index, action, nowMs, fromMs);
  }

  #perform(index: number, action: Action, nowMs: number, fromMs: number | null): void {
    const router = this.#routers[index] as Router;
    const { name } = router.instance;
    switch (action.type) {
      case "send_advert":
        this.#send(index, router, action.priority, nowMs);
        return;
      case "set_timer":
        this.#timers.set(index, action.timer, this.#dueMs(action.timer, action.afterMs, nowMs, fromMs));
        return;
      case "cancel_timer":
        this.#timers.cancel(index, action.timer);
        return;
      case "add_addresses":
        // The advert first: it is what keeps others from taking over as well.
        this.#flush();
        this.#options.owner.take(name);
        return;
      case "remove_addresses":
        this.#flush();
        this.#options.owner.release(name);
        return;
      case "announce": {
        const { instance } = router;
        this.#options.announcer.announce(name, () => this.#surroundings.announced(instance), action.plan);
        return;
      }
      case "stop_announcing":
        this.#options.announcer.stop(name);
        return;
      case "changed":
        if (action.change.to === "master") router.counters.becomeMaster++;
        else if (action.change.from === "master") router.counters.releaseMaster++;
        this.#tell({ type: "changed", change: action.change });
        return;
      case "priority_changed":
        this.#tell({ type: "priority_changed", change: action.change });
        return;
      case "lower_priority_received":
        this.#tell({ type: "lower_priority_received", instance: name, advert: action.advert });
        return;
      case "warn":
        if (this.#said.isDue(`warn ${name} ${JSON.stringify([action.warning.kind])}`, nowMs)) {
          this.#tell({ type: "warned", instance: name, message: describeWarning(action.warning) });
        }
        return;
      case "claim":
      case "ignored":
        return;
    }
  }

  /** An advert timer runs on from the last one, unless that was missed by more than an interval. */
  #dueMs(timer: TimerName, afterMs: number, nowMs: number, fromMs: number | null): number {
    if (timer !== "advert" || fromMs === null || nowMs - fromMs >= afterMs) return nowMs + afterMs;
    return fromMs + afterMs;
  }

  #send(index: number, router: Router, priority: number, nowMs: number): void {
    const adverts = this.#wire.advertsOf(index);
    if (adverts === null) return;
    const { accept } = router;
    const nowEpochMs = Date.now();
    const sequence = adverts.isAuthenticated
      ? nextAuthenticationSequence(accept.authenticationSequence, nowEpochMs)
      : accept.authenticationSequence;
    // Its packets are still those of the last advert until they are sent.
    if (router.isQueued) this.#flush();
    adverts.ready(priority, nowEpochMs, sequence);
    if (sequence !== accept.authenticationSequence) router.accept = { ...accept, authenticationSequence: sequence };
    this.#wire.queue(index);
    router.isQueued = true;
    if (priority === 0) router.counters.priorityZeroSent++;
    router.lastAdvertMs = nowMs;
  }

  #lookAtAll(nowMs: number): void {
    for (const [index, router] of this.#routers.entries()) {
      const source = router.acceptSettings?.source ?? null;
      if (source !== router.state.sourceAddress) {
        this.#dispatch(index, { type: "source_address", address: source }, nowMs);
      }
      const standing = this.#surroundings.standingOf(router.instance);
      const current = this.#ownStanding(index, router);
      if (JSON.stringify(standing) === JSON.stringify(current)) continue;
      this.#dispatch(index, { type: "standing", standing }, nowMs);
    }
  }

  /** As it was assessed last, without what came from other members of its group. */
  #ownStanding(index: number, { state }: Router): Standing {
    const member = this.#membership[index];
    const group = member === null || member === undefined ? null : this.#groups[member.group];
    const faults = member === null || member === undefined ? undefined : group?.members[member.at]?.faults;
    return faults === undefined ? state.standing : { ...state.standing, faults };
  }

  /** Sockets and packets as interfaces and addresses are now. */
  #rewire(): void {
    for (const router of this.#routers) {
      const source = this.#surroundings.sourceOf(router.instance);
      router.acceptSettings = source === null ? null : acceptSettingsOf(asOnWire(router), source, router.keys);
    }
    this.#flush();
    this.#wire.configure(this.#routers.map((router) => this.#surroundings.stationOf(asOnWire(router), router.keys)));
  }

  #regroup(groups: readonly VrrpSyncGroup[], fresh: readonly number[], nowMs: number): void {
    this.#membership = this.#routers.map(() => null);
    this.#groups = groups.map(() => null);
    for (const [group, { name, members }] of groups.entries()) {
      const indices = members.flatMap((member) => this.#byName.get(member) ?? []);
      for (const [at, index] of indices.entries()) this.#membership[index] = { group, at };
      const states = indices.map((index) => (this.#routers[index] as Router).state);
      if (indices.every((index) => fresh.includes(index))) {
        this.#groups[group] = newSyncGroup(name, states);
      } else {
        const result = regroup(name, states, nowMs);
        this.#groups[group] = result.group;
        this.#carryOutGroup(result.actions, nowMs);
      }
      for (const { router } of this.#groups[group]?.members ?? [])
        this.#routerNamed(router.settings.name).state = router;
    }
  }

  /** Instances that a reload leaves out. */
  #endDropped(model: VrrpModel, nowMs: number): void {
    const stay = new Set(model.instances.map(({ name }) => name));
    for (const [index, { instance }] of this.#routers.entries()) {
      if (stay.has(instance.name)) continue;
      this.#dispatch(index, { type: "shutdown", release: "now" }, nowMs);
      this.#options.announcer.stop(instance.name);
    }
    this.#flush();
  }

  #tell(event: RunnerEvent): void {
    this.#events.push(event);
  }
}

const noKeys: ReadonlyMap<number, HmacKey> = new Map();
/** A peer was heard that only understands the checksum of old. */
function asOnWire({ instance, makesOldChecksum }: Router): VrrpInstance {
  return makesOldChecksum ? { ...instance, checksum: { ...instance.checksum, oldUnicast: "always" } } : instance;
}
