import type { VrrpInstance } from "../../../config/vrrp-model.ts";
import type { Action } from "../action.ts";
import type { Advert, RouterEvent, TimerName } from "../event.ts";
import { reloadRouter } from "../reload.ts";
import { reloadGroup } from "../reload-group.ts";
import type { Fault } from "../standing.ts";
import type { RouterState } from "../state.ts";
import { newRouter } from "../state.ts";
import { step } from "../step.ts";
import { type MemberActions, newSyncGroup, type SyncGroupState, stepGroup } from "../sync-group.ts";
import type { Agenda } from "./agenda.ts";
import { instance, standing } from "./samples.ts";
import type { NodePlan, Reloaded } from "./scenario.ts";

export interface NodeHost {
  readonly agenda: Agenda;
  send(node: SimulatedNode, network: number, priority: number): void;
  /** After a stall, when the advert timers that were due have fired. */
  checkWakeUp(node: SimulatedNode, network: number, before: RouterState, silentMs: number): void;
  /** After every event. */
  check(node: SimulatedNode, network: number, before: RouterState, actions: readonly Action[]): void;
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
  #routers: { group: SyncGroupState | null; single: RouterState } | null = null;
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
  #pendingReload: Reloaded | null = null;
  #inbox: { readonly network: number; readonly advert: Advert }[] = [];
  /** Raised whenever the process is another one, so that old timers are not its. */
  #life = 0;

  constructor(id: number, plan: NodePlan, networks: number, host: NodeHost) {
    this.id = id;
    this.plan = plan;
    this.settings = plan.settings;
    this.address = `192.0.2.${id + 1}`;
    this.#host = host;
    this.#networks = networks;
    this.holds = new Array(networks).fill(false);
    this.lastAdvertMs = new Array(networks).fill(Number.NEGATIVE_INFINITY);
  }

  get runs(): boolean {
    return this.#routers !== null && this.#stalled === "no";
  }

  get exists(): boolean {
    return this.#routers !== null;
  }

  router(network: number): RouterState | null {
    if (this.#routers === null) return null;
    const { group, single } = this.#routers;
    return group === null ? single : (group.members[network]?.router ?? null);
  }

  timer(network: number, timer: TimerName): number | undefined {
    return this.#timers[network]?.get(timer);
  }

  start(resumedAfterMs: number | null): void {
    if (this.#routers !== null) return;
    this.#life++;
    this.runsSinceMs = this.#host.agenda.nowMs;
    this.holds = this.holds.map(() => false);
    this.#timers = this.holds.map(() => new Map());
    const { nowMs } = this.#host.agenda;
    const grouped = this.#networks > 1;
    const routers = this.holds.map((_, network) => {
      return newRouter(this.#instance(network), this.#standing(network), this.address, nowMs);
    });
    this.#routers = { group: grouped ? newSyncGroup("G", routers) : null, single: routers[0] as RouterState };
    const delayMs = resumedAfterMs === null ? this.plan.startupDelayMs : 0;
    for (const network of routers.keys()) this.handle(network, { type: "startup", delayMs, resumedAfterMs });
  }

  /** SIGKILL. True when it was master. */
  kill(): boolean {
    const was = this.router(0)?.phase === "master";
    this.#routers = null;
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
  reload(wanted: Reloaded): void {
    if (this.#stalled !== "no") {
      this.#pendingReload = wanted;
      return;
    }
    const { advertMs, ...reloaded } = wanted;
    const before = this.holds.map((_, network) => this.#instance(network));
    const { version } = this.settings;
    this.settings = { ...this.settings, ...reloaded, ...(version === 3 ? { advertMs } : {}) };
    if (!this.runs || this.#routers === null) return;
    const { nowMs } = this.#host.agenda;
    const { group, single } = this.#routers;
    if (group === null) {
      const result = reloadRouter(single, before[0] as VrrpInstance, this.#instance(0), this.#standing(0), nowMs);
      if (result.kind === "restarted") throw new Error("another router");
      this.#adopt([single], null, result.step.state, [
        { instance: single.settings.name, actions: result.step.actions },
      ]);
      return;
    }
    const old = group.members.map(({ router }) => router);
    const members = old.map((state, network) => ({
      after: this.#instance(network),
      standing: this.#standing(network),
      running: { state, before: before[network] as VrrpInstance },
    }));
    const outcome = reloadGroup("G", members, nowMs);
    this.#adopt(old, outcome.group, single, outcome.actions);
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
    return Math.min(254, Math.max(1, this.settings.basePriority + this.#weight));
  }

  receive(network: number, advert: Advert): void {
    if (this.#routers === null || this.#stalled === "frozen") return;
    if (this.#stalled === "waiting") this.#inbox.push({ network, advert });
    else this.handle(network, { type: "advert", ...advert });
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
    if (this.#routers === null) return;
    const before = this.holds.map((_, network) => this.router(network));
    const silentMs = this.lastAdvertMs.map((lastMs) => nowMs - lastMs);
    this.#fireOverdue((timer) => timer === "advert");
    for (const [network, router] of before.entries()) {
      if (router !== null) this.#host.checkWakeUp(this, network, router, silentMs[network] ?? 0);
    }
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const { network, advert } of inbox) this.handle(network, { type: "advert", ...advert });
    for (const network of this.holds.keys())
      this.handle(network, { type: "stalled", forMs: nowMs - this.#stalledSinceMs });
    this.#fireOverdue((timer) => timer !== "advert");
    this.#tellStanding();
    const pending = this.#pendingReload;
    this.#pendingReload = null;
    if (pending !== null) this.reload(pending);
  }

  handle(network: number, event: RouterEvent): void {
    if (this.#routers === null) return;
    const { nowMs } = this.#host.agenda;
    const { group, single } = this.#routers;
    if (group === null) {
      const { state, actions } = step(single, event, nowMs);
      this.#adopt([single], null, state, [{ instance: single.settings.name, actions }]);
      return;
    }
    const stepped = stepGroup(group, network, event, nowMs);
    const old = group.members.map(({ router }) => router);
    this.#adopt(old, stepped.group, single, stepped.actions);
  }

  #adopt(
    before: readonly RouterState[],
    group: SyncGroupState | null,
    single: RouterState,
    done: readonly MemberActions[],
  ): void {
    this.#routers = { group, single };
    for (const { instance, actions } of done) this.#perform(networkOf(instance), actions);
    for (const [network, router] of before.entries()) {
      const own = done.filter(({ instance }) => instance === router.settings.name);
      this.#host.check(
        this,
        network,
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

  #instance(network: number): VrrpInstance {
    const syncGroup = this.#networks > 1 ? "G" : null;
    return instance({ ...this.settings, name: `${this.id}/${network}`, syncGroup });
  }

  #standing(network: number) {
    return standing(this.priority, {
      faults: this.#faults.get(network) ?? [],
      basePriority: this.settings.basePriority,
    });
  }
}

function networkOf(instanceName: string): number {
  return Number(instanceName.split("/")[1]);
}
