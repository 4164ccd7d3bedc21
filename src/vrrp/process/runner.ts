import { isDeepStrictEqual } from "node:util";
import { native } from "ipvs-netlink";
import type { VrrpModel } from "../../config/vrrp-model.ts";
import type { AddressOwner } from "../addresses/address-owner.ts";
import type { Action } from "../machine/action.ts";
import type { TrackedValue } from "../machine/assess.ts";
import { describeWarning } from "../machine/describe.ts";
import type { RouterEvent } from "../machine/event.ts";
import type { TrackSource } from "../machine/standing.ts";
import { startupDelayMs } from "../machine/startup-delay.ts";
import type { RouterState } from "../machine/state.ts";
import type { MemberActions } from "../machine/sync-group.ts";
import type { HmacKey } from "../packet/hmac-key.ts";
import { acceptSettingsOf } from "../packet/settings-of-instance.ts";
import { Alarm } from "./alarm.ts";
import type { Announcer } from "./announcer.ts";
import { Hearing } from "./hearing.ts";
import type { Interfaces } from "./interfaces.ts";
import { Machines } from "./machines.ts";
import { ReceivePace } from "./receive-pace.ts";
import type { ReceiveSocket } from "./receive-socket.ts";
import { asOnWire, newRunning, type Router } from "./router.ts";
import type { RunnerEvent } from "./runner-event.ts";
import { SaidLately } from "./said-lately.ts";
import { Speaking } from "./speaking.ts";
import { Surroundings } from "./surroundings.ts";
import { dueAfter, TimerTable } from "./timer-table.ts";
import { Wire } from "./wire.ts";

export interface RunnerOptions {
  readonly interfaces: Interfaces;
  readonly owner: Pick<AddressOwner, "take" | "release" | "lostGroups">;
  readonly announcer: Announcer;
  /** What is known of a tracked thing that is no interface. */
  readonly tracked: (source: TrackSource) => TrackedValue | null;
  readonly onEvents: (events: readonly RunnerEvent[]) => void;
}

/** How a router begins: of those before this process, how long ago they sent their last advert as master. */
export type ResumedAfter = (instance: string) => number | null;

/** How often a thing that may come with every advert is logged. */
const quietMs = 60_000;
/** From here on this process was not run, rather than busy. */
const stallMs = 50;
/** From here on a timer counts as late, and what waits on all sockets is read before others are. */
const lateMs = 2;

/**
 * Runs the state machines: owns the timer and the sockets, feeds events in, carries actions out, and decides nothing. All that
 * happens at one time is one wake-up: overdue advert timers, packets, other timers, then one flush of what is to be sent.
 */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #wire: Wire;
  readonly #machines = new Machines();
  readonly #surroundings: Surroundings;
  readonly #alarm: Alarm;
  readonly #pace = new ReceivePace((wakes) => this.#wire.wakes(wakes));
  readonly #startedMs: number;
  readonly #said = new SaidLately(quietMs);
  #model: VrrpModel | null = null;
  #routers: Router[] = [];
  #byName = new Map<string, number>();
  #timers = new TimerTable(0);
  #events: RunnerEvent[] = [];
  #worstLateMs = 0;
  readonly #hearing: Hearing;
  readonly #speaking: Speaking;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#startedMs = native().bootTime();
    this.#surroundings = new Surroundings(options.interfaces, options.tracked, () => options.owner.lostGroups());
    const onError = (instance: string, message: string) => this.#tell({ type: "socket_failed", instance, message });
    this.#wire = new Wire({ onReadable: (socket) => this.#wake(socket), onError });
    const routerAt = (index: number) => this.#routers[index] as Router;
    const tell = (event: RunnerEvent) => this.#tell(event);
    this.#speaking = new Speaking({ wire: this.#wire, routerAt, tell, said: this.#said });
    this.#hearing = new Hearing({
      listeners: (socket, virtualRouterId) => this.#wire.listeners(socket, virtualRouterId),
      routerAt,
      onAdvert: (router, advert, nowMs) => this.#dispatch(this.#nameOf(router), advert, nowMs),
      isMaster: (router) => this.#machines.stateOf(this.#nameOf(router)).phase === "master",
      onOldChecksum: (router) => {
        (this.#routers[router] as Router).makesOldChecksum = true;
        this.#rewire();
      },
      tell,
      said: this.#said,
      tellUnknownVrids: () => this.#model?.globals.logUnknownVrids === true,
    });
    this.#alarm = new Alarm(() => this.#wake(null));
  }

  get routers(): readonly Router[] {
    return this.#routers;
  }

  stateOf(instance: string): RouterState {
    return this.#machines.stateOf(instance);
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
    this.#endDropped(model, nowMs);
    this.#surroundings.configure(model);
    const configured = model.instances.map((instance) => ({
      instance,
      standing: this.#surroundings.standingOf(instance),
    }));
    const { actions, farewells, toStart } = this.#machines.configure(configured, model.syncGroups, nowMs);
    // Under the old configuration, through the old sockets.
    this.#carryOut(farewells, nowMs);
    this.#flush();
    this.#model = model;
    this.#pace.configure(Math.min(...model.instances.map(({ advertMs }) => advertMs)));
    const anew = new Set(toStart);
    this.#renumber(model, keys, anew);
    this.#rewire();
    this.#carryOut(actions, nowMs);
    this.#lookAtAll(nowMs);
    for (const { name } of model.instances) {
      if (!anew.has(name)) continue;
      const delayMs = startupDelayMs(model.globals, nowMs - this.#startedMs, nowMs);
      this.#dispatch(name, { type: "startup", delayMs, resumedAfterMs: resumedAfter(name) }, nowMs);
    }
    this.#finish();
  }

  /** Routers have numbers, by which timers, packets and sockets know them. */
  #renumber(
    model: VrrpModel,
    keys: ReadonlyMap<string, ReadonlyMap<number, HmacKey>>,
    anew: ReadonlySet<string>,
  ): void {
    const [routers, byName, timers] = [this.#routers, this.#byName, this.#timers];
    this.#timers = new TimerTable(model.instances.length);
    this.#byName = new Map(model.instances.map(({ name }, index) => [name, index]));
    this.#routers = model.instances.map((instance, index) => {
      const { name } = instance;
      const last = byName.get(name);
      const old = last === undefined ? undefined : routers[last];
      const fresh = newRunning(instance, keys.get(name) ?? noKeys);
      if (old === undefined || last === undefined) return fresh;
      if (anew.has(name)) return { ...fresh, counters: old.counters };
      this.#timers.copyFrom(timers, last, index);
      return { ...old, instance, keys: fresh.keys };
    });
  }

  /** Interfaces, addresses or tracked things may be others than before. */
  factsChanged(): void {
    if (this.#model === null) return;
    const nowMs = this.nowMs();
    if (this.#surroundings.haveMoved() || this.#wire.hasFailed) this.#rewire();
    this.#lookAtAll(nowMs);
    this.#finish();
  }

  /** Says whether there is such an instance. */
  failover(instance: string): boolean {
    const isKnown = this.#byName.has(instance);
    if (isKnown) this.#dispatch(instance, { type: "failover" }, this.nowMs());
    this.#finish();
    return isKnown;
  }

  shutdown(release: Extract<RouterEvent, { type: "shutdown" }>["release"]): void {
    const nowMs = this.nowMs();
    for (const name of this.#byName.keys()) this.#dispatch(name, { type: "shutdown", release }, nowMs);
    this.#finish();
  }

  close(): void {
    this.#alarm.close();
    this.#wire.close();
  }

  /** Overdue advert timers, packets, a stall, other timers: in this order (see RouterEvent). */
  #wake(readable: ReceiveSocket | null): void {
    const nowMs = this.nowMs();
    const overdueMs = this.#alarm.overdueMs(nowMs);
    if (overdueMs > this.#worstLateMs) this.#worstLateMs = overdueMs;
    this.#takeDue("advert", nowMs);
    const isTimeToLook = nowMs >= this.#pace.nextLookMs;
    if (isTimeToLook || overdueMs > lateMs || this.#timers.isOtherDue(nowMs)) {
      let packets = 0;
      for (const socket of this.#wire.sockets) packets += this.#receive(socket, nowMs);
      if (isTimeToLook) this.#pace.looked(packets, nowMs);
    } else if (readable !== null) this.#receive(readable, nowMs);
    if (readable !== null) this.#pace.arrived(nowMs);
    if (overdueMs > stallMs) {
      for (const name of this.#byName.keys()) this.#dispatch(name, { type: "stalled", forMs: overdueMs }, nowMs);
    }
    this.#takeDue("others", nowMs);
    this.#finish();
  }

  #takeDue(which: "advert" | "others", nowMs: number): void {
    this.#timers.takeDue(which, nowMs, (router, timer, dueMs) => {
      const name = this.#nameOf(router);
      // Deadlines are from one to the next, so that the rhythm does not drift by what each wake-up is late.
      this.#dispatch(name, { type: "timer", timer, dueMs }, nowMs, timer === "advert" ? dueMs : null);
    });
  }

  #finish(): void {
    this.#flush();
    const nowMs = this.nowMs();
    this.#alarm.set(Math.min(this.#timers.notBeforeMs(nowMs), this.#pace.nextLookMs), nowMs);
    const events = this.#events;
    this.#events = [];
    if (events.length > 0) this.#options.onEvents(events);
  }

  #flush(): void {
    this.#speaking.flush(this.nowMs());
  }

  /** How many packets there were. */
  #receive(socket: ReceiveSocket, nowMs: number): number {
    return this.#wire.receive(socket, (decoded) => this.#hearing.hear(socket, decoded, nowMs));
  }

  /** `fromMs`: when the event was due, for the advert timer that follows it. */
  #dispatch(instance: string, event: RouterEvent, nowMs: number, fromMs: number | null = null): void {
    this.#carryOut(this.#machines.step(instance, event, nowMs), nowMs, fromMs);
  }

  #carryOut(members: readonly MemberActions[], nowMs: number, fromMs: number | null = null): void {
    for (const { instance, actions } of members) {
      const index = this.#byName.get(instance);
      if (index === undefined) continue;
      for (const action of actions) this.#perform(index, action, nowMs, fromMs);
    }
  }

  #perform(index: number, action: Action, nowMs: number, fromMs: number | null): void {
    const router = this.#routers[index] as Router;
    const { name } = router.instance;
    switch (action.type) {
      case "send_advert":
        this.#speaking.advertise(index, action.priority, nowMs);
        return;
      case "set_timer":
        this.#timers.set(index, action.timer, dueAfter(action.timer, action.afterMs, nowMs, fromMs));
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
        const { addresses, extra } = this.#surroundings.announcementsOf(router.instance);
        this.#options.announcer.announce(name, addresses, action.plan, extra);
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
        if (this.#said.isDue(`warn ${name} ${action.warning.kind}`, nowMs)) {
          this.#tell({ type: "warned", instance: name, message: describeWarning(action.warning) });
        }
        return;
      case "claim":
      case "ignored":
        return;
    }
  }

  #lookAtAll(nowMs: number): void {
    for (const { instance, acceptSettings } of this.#routers) {
      const { name } = instance;
      const address = acceptSettings?.source ?? null;
      if (address !== this.#machines.stateOf(name).sourceAddress) {
        this.#dispatch(name, { type: "source_address", address }, nowMs);
      }
      const standing = this.#surroundings.standingOf(instance);
      if (isDeepStrictEqual(standing, this.#machines.ownStandingOf(name))) continue;
      this.#dispatch(name, { type: "standing", standing }, nowMs);
    }
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

  /** Instances that a reload leaves out. */
  #endDropped(model: VrrpModel, nowMs: number): void {
    const stay = new Set(model.instances.map(({ name }) => name));
    for (const name of this.#byName.keys()) {
      if (stay.has(name)) continue;
      this.#dispatch(name, { type: "shutdown", release: "now" }, nowMs);
      this.#options.announcer.stop(name);
    }
    this.#flush();
  }

  #nameOf(router: number): string {
    return (this.#routers[router] as Router).instance.name;
  }

  #tell(event: RunnerEvent): void {
    this.#events.push(event);
  }
}

const noKeys: ReadonlyMap<number, HmacKey> = new Map();
