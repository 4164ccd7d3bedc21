import { isDeepStrictEqual } from "node:util";
import { native } from "ipvs-netlink";
import type { GarpSettings, VrrpModel } from "../../config/vrrp-model.ts";
import { SaidLately } from "../../log/said-lately.ts";
import type { AnnouncePlan } from "../machine/action.ts";
import { goOnAnnouncing } from "../machine/announce-plan.ts";
import type { RouterEvent, TimerName } from "../machine/event.ts";
import { startupDelayMs } from "../machine/startup-delay.ts";
import type { RouterState } from "../machine/state.ts";
import type { MemberActions } from "../machine/sync-group.ts";
import type { HmacKey } from "../packet/hmac-key.ts";
import { Acting } from "./acting.ts";
import { Alarm } from "./alarm.ts";
import { Hearing } from "./hearing.ts";
import { Machines, type Reconfigured } from "./machines.ts";
import { noRouters, renumbered } from "./numbered-routers.ts";
import { deaf, type ReceiveSocket } from "./receive-socket.ts";
import type { Router } from "./router.ts";
import type { RunnerEvent } from "./runner-event.ts";
import type { ResumedAfter, RunnerOptions } from "./runner-options.ts";
import { type RunnerSnapshot, restore, restoreSequences, snapshotOf } from "./runner-snapshot.ts";
import { Speaking } from "./speaking.ts";
import { startsOf } from "./starts.ts";
import { Surroundings } from "./surroundings.ts";
import { timesOf } from "./timer-table.ts";
import { Wire } from "./wire.ts";
import { Wiring } from "./wiring.ts";

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
  readonly #startedMs: number;
  readonly #said = new SaidLately(quietMs);
  #model: VrrpModel | null = null;
  #numbered = noRouters;
  /** A predecessor still acts: nothing is sent, and nothing that comes in counts. */
  #standsBy = false;
  #events: RunnerEvent[] = [];
  #worstLateMs = 0;
  readonly #hearing: Hearing;
  readonly #speaking: Speaking;
  readonly #wiring: Wiring;
  readonly #acting: Acting;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#startedMs = native().bootTime();
    this.#surroundings = new Surroundings(options.interfaces, options.tracked, () => options.owner.lostGroups());
    const tell = (event: RunnerEvent) => void this.#events.push(event);
    const onError = (instance: string, message: string) => tell({ type: "socket_failed", instance, message });
    this.#wire = new Wire({ onReadable: (socket) => this.#wake(socket), onError });
    const routerAt = (index: number) => this.#numbered.routers[index] as Router;
    this.#speaking = new Speaking({ wire: this.#wire, routerAt, tell, said: this.#said });
    this.#wiring = new Wiring({
      wire: this.#wire,
      surroundings: this.#surroundings,
      flush: () => this.#flush(),
      onRetry: () => this.factsChanged(),
    });
    this.#acting = new Acting({
      owner: options.owner,
      announcer: options.announcer,
      surroundings: this.#surroundings,
      speaking: this.#speaking,
      timers: () => this.#numbered.timers,
      flush: () => this.#flush(),
      takeDueAdverts: () => this.#takeDue("advert", this.nowMs()),
      routerAt,
      tell,
      said: this.#said,
    });
    this.#hearing = new Hearing({
      listeners: (socket, virtualRouterId) => this.#wire.listeners(socket, virtualRouterId),
      routerAt,
      stateOf: (router) => this.#machines.stateOf(this.#nameOf(router)),
      onAdvert: (router, advert, times) =>
        this.#machines.heartbeatState(this.#dispatch(this.#nameOf(router), advert, times.nowMs, times)),
      onHeartbeat: (router, actions, times) => this.#acting.performAll(router, actions, times),
      onOldChecksum: (router) => {
        (this.#numbered.routers[router] as Router).makesOldChecksum = true;
        this.#wiring.renew(this.#numbered.routers);
      },
      tell,
      // Who floods the network has no say in what else is told.
      said: new SaidLately(quietMs),
      tellUnknownVrids: () => this.#model?.globals.logUnknownVrids === true,
    });
    this.#alarm = new Alarm(() => this.#wake(null));
  }

  get routers(): readonly Router[] {
    return this.#numbered.routers;
  }

  stateOf(instance: string): RouterState {
    return this.#machines.stateOf(instance);
  }

  namesIn(phases: readonly RouterState["phase"][]): string[] {
    const names = [...this.#numbered.byName.keys()];
    return names.filter((name) => phases.includes(this.stateOf(name).phase));
  }

  nowMs(): number {
    return native().bootTime();
  }

  /** Takes in what was heard again meanwhile; before anything else happens. Answers when it is now. */
  begin(): number {
    const nowMs = this.nowMs();
    for (const { known } of this.#wire.sockets) this.#hearing.catchUp(known, nowMs);
    return nowMs;
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
    const nowMs = this.begin();
    this.#endDropped(model, nowMs);
    this.#carryOut(this.#become(model, keys, nowMs).actions, nowMs);
    this.#lookAtAll(nowMs);
    this.#startReady(model, nowMs, resumedAfter);
    this.#finish();
  }

  #startReady(model: VrrpModel, nowMs: number, resumedAfter: ResumedAfter): void {
    const starts = startsOf(this.#numbered.routers, {
      stateOf: (name) => this.stateOf(name),
      waitsFor: (instance, goesOn) => this.#surroundings.waitsFor(instance, goesOn),
      resumedAfter,
    });
    const delayMs = startupDelayMs(model.globals, nowMs - this.#startedMs, nowMs);
    for (const { name, resumedAfterMs } of starts) {
      this.#dispatch(name, { type: "startup", delayMs, resumedAfterMs }, nowMs);
    }
  }

  /** Machines, numbers, sockets and packets of a configuration. */
  #become(model: VrrpModel, keys: ReadonlyMap<string, ReadonlyMap<number, HmacKey>>, nowMs: number): Reconfigured {
    this.#surroundings.configure(model);
    const configured = this.#surroundings.standingsOf(model.instances);
    const reconfigured = this.#machines.configure(configured, model.syncGroups, nowMs);
    // Under the old configuration, through the old sockets.
    this.#carryOut(reconfigured.farewells, nowMs);
    this.#acting.settle();
    this.#model = model;
    this.#numbered = renumbered(this.#numbered, model, keys, new Set(reconfigured.toStart));
    this.#wiring.renew(this.#numbered.routers);
    return reconfigured;
  }

  /** All is there to act, and a predecessor still does. Ends with `takeOver`. */
  standBy(model: VrrpModel, keys: ReadonlyMap<string, ReadonlyMap<number, HmacKey>>): void {
    this.#standsBy = true;
    this.#wire.listens(false);
    this.#become(model, keys, this.begin());
  }

  /** Goes on where a predecessor with the same configuration ended: first with the adverts that are due. */
  takeOver(snapshot: RunnerSnapshot): void {
    for (const socket of this.#wire.sockets) socket.receive(deaf);
    this.#machines.restore(snapshot.machines);
    const nowMs = this.begin();
    restore(this.#numbered, snapshot, nowMs);
    if (this.#numbered.routers.some(({ makesOldChecksum }) => makesOldChecksum))
      this.#wiring.renew(this.#numbered.routers);
    restoreSequences(this.#numbered, snapshot, (router) => this.#wire.advertsOf(router));
    this.#standsBy = false;
    this.#wire.listens(true);
    // Nothing is sent by that yet; who becomes master by what waits in the sockets has a plan of its own.
    this.announce(new Set(this.namesIn(["master"])), goOnAnnouncing);
    this.#wake(null);
    this.factsChanged();
  }

  /** Tells neighbours of the addresses of those of these instances that are master. */
  announce(names: ReadonlySet<string>, planOf: (garp: GarpSettings) => AnnouncePlan): void {
    const isMeant = ({ instance: { name } }: Router) => names.has(name) && this.stateOf(name).phase === "master";
    for (const { instance } of this.routers.filter(isMeant)) this.#acting.announce(instance, planOf(instance.garp));
  }

  /** Ends without a word, for a successor; backups have just heard the masters. Only `close` may follow. */
  handOver(): RunnerSnapshot {
    const nowMs = this.begin();
    this.#wake(null);
    for (const [router, { instance }] of this.#numbered.routers.entries()) {
      const { phase, standing } = this.stateOf(instance.name);
      if (phase === "master") this.#speaking.advertise(router, standing.priority, nowMs);
    }
    this.#flush();
    this.#standsBy = true;
    this.#wire.listens(false);
    this.#alarm.set(Number.POSITIVE_INFINITY, nowMs);
    const routers = snapshotOf(this.#numbered, (router) => this.#wire.advertsOf(router));
    return { heardUntilMs: nowMs, machines: this.#machines.snapshot(), routers };
  }

  /** Interfaces, addresses or tracked things may be others than before. */
  factsChanged(): void {
    if (this.#model === null) return;
    const nowMs = this.begin();
    this.#wiring.renewIfNeeded(this.#numbered.routers);
    if (this.#standsBy) return;
    this.#lookAtAll(nowMs);
    this.#startReady(this.#model, nowMs, () => null);
    this.#finish();
  }

  /** A master begins to leave. Answers the phase after it, null when there is no such instance. */
  failover(instance: string): RouterState["phase"] | null {
    if (!this.#numbered.byName.has(instance)) return null;
    this.#dispatch(instance, { type: "failover" }, this.begin());
    this.#finish();
    return this.stateOf(instance).phase;
  }

  shutdown(release: Extract<RouterEvent, { type: "shutdown" }>["release"]): void {
    const nowMs = this.begin();
    for (const name of this.#numbered.byName.keys()) this.#dispatch(name, { type: "shutdown", release }, nowMs);
    this.#finish();
  }

  close(): void {
    this.#alarm.close();
    this.#wiring.close();
    this.#wire.close();
  }

  /** Overdue advert timers, packets, a stall, other timers: in this order (see RouterEvent). */
  #wake(readable: ReceiveSocket | null): void {
    if (this.#standsBy) return;
    const nowMs = this.begin();
    const overdueMs = this.#alarm.overdueMs(nowMs);
    if (overdueMs > this.#worstLateMs) this.#worstLateMs = overdueMs;
    this.#takeDue("advert", nowMs);
    // First the one that was begun to be read.
    if (readable !== null) this.#hearing.read(readable, nowMs);
    if (overdueMs > lateMs || this.#numbered.timers.isOtherDue(nowMs)) {
      this.#hearAll(nowMs, readable);
    }
    if (overdueMs > stallMs) {
      const stalled: RouterEvent = { type: "stalled", forMs: overdueMs };
      for (const name of this.#numbered.byName.keys()) this.#dispatch(name, stalled, nowMs);
    }
    let heardMs = this.nowMs();
    let hearingMs = 0;
    this.#takeDue("others", nowMs, () => {
      // Hundreds that are due take their time: what comes meanwhile counts, as long as nobody floods the network.
      const timeMs = this.nowMs();
      if (timeMs - heardMs < lateMs || hearingMs > stallMs) return;
      this.#hearAll(timeMs);
      heardMs = this.nowMs();
      hearingMs += heardMs - timeMs;
    });
    this.#finish();
  }

  #hearAll(nowMs: number, except: ReceiveSocket | null = null): void {
    for (const socket of this.#wire.sockets) if (socket !== except) this.#hearing.read(socket, nowMs);
  }

  #takeDue(which: "advert" | "others", nowMs: number, before?: () => void): void {
    const take = (router: number, timer: TimerName, dueMs: number) => {
      const name = this.#nameOf(router);
      // Deadlines are from one to the next, so that the rhythm does not drift by what each wake-up is late.
      const times = { nowMs, dueMs: timer === "advert" ? dueMs : null, arrivedMs: nowMs };
      this.#dispatch(name, { type: "timer", timer, dueMs }, nowMs, times);
    };
    this.#numbered.timers.takeDue(which, nowMs, take, before);
  }

  #finish(): void {
    this.#acting.settle();
    const nowMs = this.nowMs();
    for (const { known } of this.#wire.sockets) known.review(this.#hearing.isStill);
    this.#alarm.set(this.#numbered.timers.notBeforeMs(nowMs), nowMs);
    const events = this.#events.splice(0);
    if (events.length > 0) this.#options.onEvents(events);
  }

  #flush(): void {
    this.#speaking.flush(this.nowMs());
  }

  #dispatch(instance: string, event: RouterEvent, nowMs: number, times = timesOf(nowMs)) {
    const members = this.#machines.step(instance, event, nowMs);
    this.#carryOut(members, nowMs, times);
    return members;
  }

  #carryOut(members: readonly MemberActions[], nowMs: number, times = timesOf(nowMs)): void {
    for (const { instance, actions } of members) {
      const index = this.#numbered.byName.get(instance);
      if (index !== undefined) this.#acting.performAll(index, actions, times);
    }
  }

  #lookAtAll(nowMs: number): void {
    for (const { instance, acceptSettings } of this.#numbered.routers) {
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

  /** Instances that a reload leaves out. */
  #endDropped(model: VrrpModel, nowMs: number): void {
    const stay = new Set(model.instances.map(({ name }) => name));
    for (const name of this.#numbered.byName.keys()) {
      if (stay.has(name)) continue;
      this.#dispatch(name, { type: "shutdown", release: "now" }, nowMs);
      this.#options.announcer.stop(name);
    }
    this.#acting.settle();
  }

  #nameOf(router: number): string {
    return (this.#numbered.routers[router] as Router).instance.name;
  }
}
