import type { VrrpInstance } from "../../../config/vrrp-model.ts";
import type { Sequence } from "../../packet/sequence.ts";
import { Machines } from "../../process/machines.ts";
import type { Action } from "../action.ts";
import type { Advert, RouterEvent, TimerName } from "../event.ts";
import { OWNER_PRIORITY } from "../settings.ts";
import type { Fault } from "../standing.ts";
import type { RouterState } from "../state.ts";
import type { MemberActions } from "../sync-group.ts";
import type { Agenda } from "./agenda.ts";
import { instance, standing, syncGroup } from "./samples.ts";
import type { Authentication, NodePlan, Reloaded } from "./scenario.ts";
import { Signing } from "./signing.ts";

export interface NodeHost {
  readonly agenda: Agenda;
  readonly authentication: Authentication;
  /** An advert that was not believed. */
  refused(from: string, to: SimulatedNode): void;
  send(node: SimulatedNode, network: number, priority: number): void;
  /** After a stall, when the advert timers that were due have fired. */
  checkWakeUp(node: SimulatedNode, network: number, before: RouterState, silentMs: number): void;
  /** After every event. */
  check(node: SimulatedNode, network: number, before: RouterState, actions: readonly Action[]): void;
  violate(what: string): void;
}

/** A machine: its instances (one per network), their timers, what a shell would do for them. */
export class SimulatedNode {
  readonly id: number;
  readonly plan: NodePlan;
  settings: NodePlan["settings"];
  readonly address: string;
  readonly #host: NodeHost;
  readonly #networks: number;
  /** Null while no process runs. */
  #machines: Machines | null = null;
  /** On the wire, and in the file. */
  virtualRouterId = 51;
  #wantedRouterId = 51;
  #isGrouped: boolean;
  /** In the file; and in what runs, as long as it runs. */
  #wantsWhole = true;
  #isWhole = true;
  #wasGrouped = false;
  #configured = false;
  signing: Signing;
  /** By how much its wall clock is wrong. */
  clockErrorMs = 0;
  #timers: Map<TimerName, number>[] = [];
  /** Whose address is on the interface: outlives the process in the kernel, but is removed at its start. */
  holds: boolean[];
  readonly lastAdvertMs: number[];
  /** It was neither dead nor stalled since. */
  runsSinceMs = 0;
  #weight = 0;
  readonly #faults = new Map<number, Fault[]>();
  #stalled: "no" | "waiting" | "frozen" = "no";
  #stallEndsMs = 0;
  #stalledSinceMs = 0;
  #pendingReload: (() => void) | null = null;
  #inbox: { readonly network: number; readonly advert: Advert; readonly stamp: Sequence | null }[] = [];
  /** Raised whenever the process is another one, so that old timers are not its. */
  #life = 0;

  constructor(id: number, plan: NodePlan, networks: number, host: NodeHost) {
    this.id = id;
    this.plan = plan;
    this.settings = plan.settings;
    this.address = `192.0.2.${id + 1}`;
    this.#host = host;
    this.#networks = networks;
    this.#isGrouped = networks > 1;
    this.signing = new Signing(host.authentication);
    this.holds = new Array(networks).fill(false);
    this.lastAdvertMs = new Array(networks).fill(Number.NEGATIVE_INFINITY);
  }

  get runs(): boolean {
    return this.#machines !== null && this.#stalled === "no";
  }

  get exists(): boolean {
    return this.#machines !== null;
  }

  router(network: number): RouterState | null {
    return this.#has(network) ? (this.#machines?.stateOf(this.#nameOf(network)) ?? null) : null;
  }

  /** As its wall clock has it. */
  get epochMs(): number {
    return epochOfStartMs + this.#host.agenda.nowMs + this.clockErrorMs;
  }

  timer(network: number, timer: TimerName): number | undefined {
    return this.#timers[network]?.get(timer);
  }

  start(resumedAfterMs: number | null): void {
    if (this.#machines !== null) return;
    this.#life++;
    this.runsSinceMs = this.#host.agenda.nowMs;
    this.holds = this.holds.map(() => false);
    this.#timers = this.holds.map(() => new Map());
    // The file is the new one, whether or not the process before heard of it.
    this.#pendingReload?.();
    this.#pendingReload = null;
    this.#machines = new Machines();
    this.#configured = false;
    this.signing = new Signing(this.#host.authentication);
    this.#configure(resumedAfterMs === null ? this.plan.startupDelayMs : 0, resumedAfterMs);
  }

  /** SIGKILL. True when it was master. */
  kill(): boolean {
    const was = this.router(0)?.phase === "master";
    this.#machines = null;
    this.#life++;
    this.#inbox = [];
    this.holds = this.holds.map(() => false);
    return was;
  }

  stop(): void {
    for (const network of this.holds.keys()) this.handle(network, { type: "shutdown", release: "after_takeover" });
  }

  failover(): void {
    this.handle(0, { type: "failover" });
  }

  setWeight(weight: number): void {
    this.#weight = weight;
    this.#tellStanding();
  }

  /** Interval in version 3 only: in version 2 all routers must have the same. */
  reload({ advertMs, ...reloaded }: Reloaded): void {
    this.#reconfigure(() => {
      const { version } = this.settings;
      this.settings = { ...this.settings, ...reloaded, ...(version === 3 ? { advertMs } : {}) };
    });
  }

  /** Another virtual router from now on. */
  move(virtualRouterId: number): void {
    this.#reconfigure(() => {
      this.#wantedRouterId = virtualRouterId;
    });
  }

  /** Its instances move together, or each for itself. */
  regroup(isGrouped: boolean): void {
    this.#reconfigure(() => {
      this.#isGrouped = isGrouped && this.#networks > 1;
    });
  }

  /** Its last instance is left out, or is there again: a new one. */
  setWhole(isWhole: boolean): void {
    this.#reconfigure(() => {
      this.#wantsWhole = isWhole || this.#networks === 1;
    });
  }

  #has(network: number): boolean {
    return this.#isWhole || network < this.#networks - 1;
  }

  get isGrouped(): boolean {
    return this.#isGrouped;
  }

  #reconfigure(change: () => void): void {
    // Also while one that came before waits for the next start: the file says what was written last.
    if (this.#stalled !== "no" || this.#pendingReload !== null) {
      const before = this.#pendingReload;
      this.#pendingReload = () => {
        before?.();
        change();
      };
      return;
    }
    change();
    if (this.runs) this.#configure(0, null);
  }

  /** As the shell does it: what is said under the old configuration, then what the new one brings, then who starts. */
  #configure(delayMs: number, resumedAfterMs: number | null): void {
    const machines = this.#machines;
    if (machines === null) return;
    const before = this.#configured ? this.#routers() : [];
    if (this.#isWhole && !this.#wantsWhole && this.#configured) {
      this.handle(this.#networks - 1, { type: "shutdown", release: "now" });
    }
    const wasMaster = this.#wasGrouped && before[0]?.phase === "master" && this.router(0)?.phase === "master";
    const hadLast = this.#isWhole;
    this.#isWhole = this.#wantsWhole;
    const networks = [...this.holds.keys()].filter((network) => this.#has(network));
    const configured = networks.map((network) => ({
      instance: this.#instance(network),
      standing: this.#standing(network),
    }));
    const names = networks.map((network) => this.#nameOf(network));
    const groups = this.#isGrouped ? [syncGroup("G", names)] : [];
    this.#wasGrouped = this.#isGrouped;
    const { actions, farewells, toStart } = machines.configure(configured, groups, this.#host.agenda.nowMs);
    this.#configured = true;
    for (const { instance: name, actions: its } of farewells) this.#perform(networkOf(name), its);
    this.virtualRouterId = this.#wantedRouterId;
    for (const { instance: name, actions: its } of actions) this.#perform(networkOf(name), its);
    for (const [network, router] of before.entries()) if (router !== null) this.#host.check(this, network, router, []);
    for (const name of toStart) {
      this.handle(networkOf(name), { type: "source_address", address: this.address });
      const isNew = !hadLast && networkOf(name) === this.#networks - 1;
      this.handle(networkOf(name), { type: "startup", delayMs, resumedAfterMs: isNew ? null : resumedAfterMs });
    }
    const isJoined = wasMaster && this.#isGrouped && !toStart.includes(this.#nameOf(0)) && !this.hasFault();
    const phases = this.#routers().map((router) => router?.phase ?? "master");
    if (isJoined && phases.some((phase) => phase !== "master")) {
      this.#host.violate(
        `${this.id} at ${this.#host.agenda.nowMs}: joined by others, its group is ${phases.join(" and ")}`,
      );
    }
  }

  #routers(): (RouterState | null)[] {
    return this.holds.map((_, network) => this.router(network));
  }

  setFault(network: number, fault: Fault, isPresent: boolean): void {
    const others = (this.#faults.get(network) ?? []).filter(({ kind }) => kind !== fault.kind);
    this.#faults.set(network, isPresent ? [...others, fault] : others);
    this.#tellStanding();
  }

  hasFault(): boolean {
    return [...this.#faults.values()].some((faults) => faults.length > 0);
  }

  get priority(): number {
    const { basePriority } = this.settings;
    return basePriority === OWNER_PRIORITY ? OWNER_PRIORITY : Math.min(254, Math.max(1, basePriority + this.#weight));
  }

  receive(network: number, advert: Advert, stamp: Sequence | null): void {
    if (this.#machines === null) return;
    if (this.#stalled === "frozen") {
      // Too short a stall to be taken for its own silence, or not the first one: as if it had been lost on the way.
      const forgivenMs =
        Math.max(1, this.settings.downTimerAdverts - 1) * Math.max(advert.advertMs, this.settings.advertMs);
      const isForgiven = this.#stallEndsMs - this.#stalledSinceMs >= forgivenMs && !this.router(network)?.gaveGrace;
      if (!isForgiven) this.#host.refused(advert.source, this);
    } else if (this.#stalled === "waiting") this.#inbox.push({ network, advert, stamp });
    else if (this.signing.admits(network, advert.source, stamp, this.epochMs))
      this.handle(network, { type: "advert", ...advert });
    else this.#host.refused(advert.source, this);
  }

  stall(untilMs: number, frozen: boolean): void {
    if (this.#stalled === "no") {
      this.#stalled = frozen ? "frozen" : "waiting";
      this.#stalledSinceMs = this.#host.agenda.nowMs;
    }
    this.#stallEndsMs = Math.max(this.#stallEndsMs, untilMs);
  }

  /** In the order that event.ts asks for. */
  resume(): void {
    const { nowMs } = this.#host.agenda;
    if (this.#stalled === "no" || nowMs < this.#stallEndsMs) return;
    this.#stalled = "no";
    this.runsSinceMs = nowMs;
    if (this.#machines === null) return;
    const before = this.#routers();
    const silentMs = this.lastAdvertMs.map((lastMs) => nowMs - lastMs);
    this.#fireOverdue((timer) => timer === "advert");
    for (const [network, router] of before.entries()) {
      if (router !== null) this.#host.checkWakeUp(this, network, router, silentMs[network] ?? 0);
    }
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const { network, advert, stamp } of inbox) this.receive(network, advert, stamp);
    for (const network of this.holds.keys())
      this.handle(network, { type: "stalled", forMs: nowMs - this.#stalledSinceMs });
    this.#fireOverdue((timer) => timer !== "advert");
    this.#tellStanding();
    const pending = this.#pendingReload;
    this.#pendingReload = null;
    if (pending !== null) this.#reconfigure(pending);
  }

  handle(network: number, event: RouterEvent): void {
    const machines = this.#machines;
    if (machines === null || !this.#has(network)) return;
    const before = this.#routers();
    const done: readonly MemberActions[] = machines.step(this.#nameOf(network), event, this.#host.agenda.nowMs);
    for (const { instance: name, actions } of done) this.#perform(networkOf(name), actions);
    for (const [each, router] of before.entries()) {
      if (router === null) continue;
      const own = done.filter(({ instance: name }) => name === this.#nameOf(each));
      this.#host.check(
        this,
        each,
        router,
        own.flatMap(({ actions }) => actions),
      );
    }
  }

  #perform(network: number, actions: readonly Action[]): void {
    const { agenda } = this.#host;
    const timers = this.#timers[network] as Map<TimerName, number>;
    for (const action of actions) {
      if (action.type === "send_advert") {
        this.lastAdvertMs[network] = agenda.nowMs;
        this.#host.send(this, network, action.priority);
      } else if (action.type === "add_addresses") this.holds[network] = true;
      else if (action.type === "remove_addresses") this.holds[network] = false;
      else if (action.type === "cancel_timer") timers.delete(action.timer);
      else if (action.type === "set_timer") {
        const { timer, afterMs } = action;
        const dueMs = agenda.nowMs + afterMs;
        const life = this.#life;
        timers.set(timer, dueMs);
        agenda.put(afterMs, () => life === this.#life && this.#fire(network, timer, dueMs));
      }
    }
  }

  #fire(network: number, timer: TimerName, dueMs: number): void {
    const timers = this.#timers[network];
    if (!this.runs || timers?.get(timer) !== dueMs) return;
    timers.delete(timer);
    this.handle(network, { type: "timer", timer, dueMs });
  }

  #fireOverdue(wanted: (timer: TimerName) => boolean): void {
    for (const [network, timers] of this.#timers.entries()) {
      for (const [timer, dueMs] of [...timers]) {
        if (wanted(timer) && dueMs <= this.#host.agenda.nowMs) this.#fire(network, timer, dueMs);
      }
    }
  }

  #tellStanding(): void {
    if (!this.runs) return;
    for (const network of this.holds.keys()) {
      this.handle(network, { type: "standing", standing: this.#standing(network) });
    }
  }

  #nameOf(network: number): string {
    return `${this.id}/${network}`;
  }

  #instance(network: number): VrrpInstance {
    const virtualRouterId = this.#wantedRouterId;
    const group = this.#isGrouped ? "G" : null;
    return instance({ ...this.settings, name: this.#nameOf(network), syncGroup: group, virtualRouterId });
  }

  #standing(network: number) {
    return standing(this.priority, {
      faults: this.#faults.get(network) ?? [],
      basePriority: this.settings.basePriority,
    });
  }
}

const epochOfStartMs = Date.UTC(2026, 10, 21);

function networkOf(instanceName: string): number {
  return Number(instanceName.split("/")[1]);
}
