import type { Action, StateChange } from "../action.ts";
import type { RouterState } from "../state.ts";
import { masterDownMs } from "../timing.ts";
import { Agenda } from "./agenda.ts";
import { type NodeHost, SimulatedNode } from "./node.ts";
import { randomOf } from "./random.ts";
import { type Authentication, calmFrom, type Disturbance, type Scenario } from "./scenario.ts";

const slackMs = 1;

/** Routers on virtual networks in virtual time. `run` returns what should not have happened. */
export class World implements NodeHost {
  readonly agenda = new Agenda();
  readonly authentication: Authentication;
  readonly changes: { readonly atMs: number; readonly change: StateChange }[] = [];
  readonly #scenario: Scenario;
  readonly #nodes: readonly SimulatedNode[];
  readonly #random: () => number;
  readonly #violations: string[] = [];
  readonly #sides: (readonly number[] | null)[];
  readonly #unitMs: number;
  readonly #maxDelayMs: number;
  readonly #longestPreemptDelayMs: number;
  readonly #deaf = new Map<SimulatedNode, number>();
  /** Since when two routers are both master and could have heard each other. */
  readonly #dualSinceMs = new Map<string, number>();
  #calm = false;
  /** Every advert arrived since. */
  #quietSinceMs = 0;
  /** Adverts of each mastership, in each network: the best priority that it told. */
  readonly #toldBest = new Map<string, number>();
  readonly #toldLast = new Map<string, number>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.authentication = scenario.authentication;
    this.#random = randomOf(scenario.seed);
    this.#sides = new Array(scenario.networks).fill(null);
    const reloads = scenario.disturbances.flatMap((one) => (one.kind === "reload" ? [one.settings] : []));
    const isVersion3 = scenario.nodes.some(({ settings }) => settings.version === 3);
    const intervals = [...scenario.nodes.map(({ settings }) => settings), ...(isVersion3 ? reloads : [])].map(
      ({ advertMs }) => advertMs,
    );
    this.#longestPreemptDelayMs = Math.max(
      ...[...scenario.nodes.map(({ settings }) => settings), ...reloads].map(({ preemptDelayMs }) => preemptDelayMs),
    );
    this.#unitMs = Math.max(...intervals);
    this.#maxDelayMs = scenario.network.delay * Math.min(...intervals);
    this.#nodes = scenario.nodes.map((plan, id) => new SimulatedNode(id, plan, scenario.networks, this));
    for (const node of this.#nodes) this.agenda.put(node.plan.startsAt * this.#unitMs, () => node.start(null));
    for (const one of scenario.disturbances) this.agenda.put(one.at * this.#unitMs, () => this.#disturb(one));
  }

  run(): readonly string[] {
    const calmMs = calmFrom(this.#scenario) * this.#unitMs;
    this.agenda.runUntil(calmMs);
    this.#calm = true;
    this.agenda.runUntil(calmMs + this.boundMs());
    this.#expectOneMaster("at the bound");
    const changesBefore = this.changes.length;
    this.agenda.runUntil(this.agenda.nowMs + 12 * this.#unitMs);
    this.#expectOneMaster("later");
    for (const { atMs, change } of this.changes.slice(changesBefore)) {
      this.#violate(`changed after the bound, at ${atMs}: ${JSON.stringify(change)}`);
    }
    return this.#violations;
  }

  /**
   * From calm to exactly one master, in the worst case: a backup that has just heard the last master waits for it, once
   * more if it stalled, and becomes master (twice a master-down interval); a better one, after its preempt delay, lets
   * another one run out; two masters take one advert interval to hear each other. A router that starts late or hands over
   * is in front of all that.
   */
  boundMs(): number {
    const { nodes } = this.#scenario;
    const downMs = Math.max(...nodes.map(({ settings }) => masterDownMs(settings, 1, this.#unitMs)));
    const delayMs = this.#longestPreemptDelayMs + Math.max(...nodes.map(({ startupDelayMs }) => startupDelayMs));
    return 3 * downMs + delayMs + 3 * this.#unitMs + 1050 + 4 * this.#maxDelayMs;
  }

  send(from: SimulatedNode, network: number, priority: number): void {
    const { loss, duplication } = this.#calm ? { loss: 0, duplication: 0 } : this.#scenario.network;
    const told = `${from.id}/${network}`;
    this.#toldBest.set(told, Math.max(this.#toldBest.get(told) ?? 0, priority));
    this.#toldLast.set(told, priority);
    const { virtualRouterId } = from;
    const stamp = from.signing.next(network, from.epochMs);
    const advert = { source: from.address, priority, advertMs: from.settings.advertMs };
    for (const to of this.#nodes) {
      if (to === from) continue;
      if (!this.#reach(from, to, network)) continue;
      if (this.#random() < loss) {
        this.#noteLoss(from, to);
        continue;
      }
      const copies = this.#random() < duplication ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        this.agenda.put(this.#random() * this.#maxDelayMs, () => {
          if (to.virtualRouterId === virtualRouterId) to.receive(network, advert, stamp);
        });
      }
    }
  }

  /** For those who promise something, as if it had been lost. */
  refused(from: string, to: SimulatedNode): void {
    const sender = this.#nodes.find(({ address }) => address === from);
    if (sender !== undefined) this.#noteLoss(sender, to);
  }

  /** After a silence that others must have noticed nobody goes on as master. */
  checkWakeUp(node: SimulatedNode, network: number, before: RouterState, silentMs: number): void {
    const { settings, standing } = before;
    // timer_expired_backup tells how good the others are at best.
    const best = settings.timerExpiredBackup?.bestPriority ?? standing.priority;
    const limitMs = masterDownMs(settings, best, settings.advertMs);
    const after = node.router(network);
    const goesOn = after?.phase === "master" && after.sinceMs === before.sinceMs;
    if (before.phase === "master" && goesOn && silentMs >= limitMs) {
      this.#violate(`${node.id}/${network} at ${this.agenda.nowMs}: slept ${silentMs} ms and goes on`);
    }
  }

  check(node: SimulatedNode, network: number, before: RouterState, actions: readonly Action[]): void {
    const after = node.router(network);
    if (after === null) return;
    const { phase, claim } = after;
    const name = `${node.id}/${network} at ${this.agenda.nowMs}`;
    const answers = phase === "master" || phase === "leaving";
    if (node.holds[network] !== answers) this.#violate(`${name}: ${phase}, and holds ${node.holds[network]}`);
    const timer = { master: "advert", backup: "master_down", leaving: "handover" } as const;
    const needed = phase in timer ? timer[phase as keyof typeof timer] : null;
    if (needed !== null && claim === null && node.timer(network, needed) === undefined) {
      this.#violate(`${name}: ${phase} without its timer`);
    }
    if (phase !== "master" && node.timer(network, "advert") !== undefined)
      this.#violate(`${name}: ${phase} advertises`);
    for (const action of actions) {
      if (action.type === "send_advert" && !(action.priority >= 0 && action.priority <= 255)) {
        this.#violate(`${name}: priority ${action.priority}`);
      }
      if (action.type !== "changed") continue;
      this.changes.push({ atMs: this.agenda.nowMs, change: action.change });
      if (action.change.to === "master") this.#checkTakeover(node, network, before, action.change);
    }
    if (before.phase === "master" && phase !== "master") this.#toldBest.delete(`${node.id}/${network}`);
    this.#checkGroup(node, name);
    this.#checkDuals();
  }

  /** What nopreempt and on_failure promise. */
  #checkTakeover(node: SimulatedNode, network: number, before: RouterState, { because }: StateChange): void {
    const { preempt } = node.settings;
    const why = because.kind === "group_master" ? because.because : because;
    if (preempt === "always") return;
    const name = `${node.id}/${network} at ${this.agenda.nowMs} (${preempt})`;
    if (why.kind === "preempts") this.#violate(`${name}: preempts`);
    if (why.kind === "saw_drop") {
      if (preempt === "never") this.#violate(`${name}: saw a drop`);
      if (!(why.to < why.from && why.to < before.standing.priority)) this.#violate(`${name}: no drop`);
    }
    if (this.#sides[network] || this.#deaf.size > 0) return;
    // It cannot know that a master whom it has not heard yet has a longer interval than its own.
    if (why.kind === "no_master_heard" && node.settings.advertMs < this.#unitMs) return;
    const enoughMs = 2 * masterDownMs(before.settings, 1, this.#unitMs);
    if (this.agenda.nowMs - this.#quietSinceMs < enoughMs || this.#scenario.networks > 1) return;
    for (const other of this.#nodes) {
      const router = other.router(network);
      if (other === node || router?.phase !== "master" || !other.runs) continue;
      if (other.virtualRouterId !== node.virtualRouterId) continue;
      if (this.agenda.nowMs - other.runsSinceMs < enoughMs) continue;
      // Both waited for the same silence: the tie of two backups, not a displacement.
      if (this.agenda.nowMs - router.sinceMs <= this.#unitMs + this.#maxDelayMs) continue;
      // By what it said last: nobody can know of a recovery that it has not told yet.
      const told = `${other.id}/${network}`;
      const last = this.#toldLast.get(told) ?? 0;
      const failed = last < (this.#toldBest.get(told) ?? 0) && last < before.standing.priority;
      if (preempt === "never" || !failed) {
        this.#violate(`${name}: displaces ${other.id}, ${JSON.stringify(because)}`);
      }
    }
  }

  /** Never master here and backup there. */
  #checkGroup(node: SimulatedNode, name: string): void {
    const phases = node.holds.map((_, network) => node.router(network)?.phase);
    if (
      node.isGrouped &&
      phases.includes("master") &&
      phases.some((phase) => phase === "backup" || phase === "fault")
    ) {
      this.#violate(`${name}: group is ${phases.join(" and ")}`);
    }
  }

  /** Two masters that hear each other: no longer than an advert takes. */
  #checkDuals(): void {
    const { nowMs } = this.agenda;
    for (let network = 0; network < this.#scenario.networks; network++) {
      const masters = this.#nodes.filter((node) => node.runs && node.router(network)?.phase === "master");
      const pairs = new Set<string>();
      for (const [index, one] of masters.entries()) {
        for (const other of masters.slice(index + 1)) {
          if (!this.#reach(one, other, network) || !this.#reach(other, one, network)) continue;
          const pair = `${network} ${one.id} ${other.id}`;
          pairs.add(pair);
          const sinceMs = this.#dualSinceMs.get(pair);
          if (sinceMs === undefined) this.#dualSinceMs.set(pair, nowMs);
          else if (nowMs - sinceMs > this.#unitMs + this.#maxDelayMs + slackMs) {
            this.#violate(`two masters (${pair}) from ${sinceMs} to ${nowMs}`);
            this.#dualSinceMs.set(pair, nowMs);
          }
        }
      }
      for (const pair of this.#dualSinceMs.keys()) {
        if (pair.startsWith(`${network} `) && !pairs.has(pair)) this.#dualSinceMs.delete(pair);
      }
    }
  }

  #noteLoss(one: SimulatedNode, other: SimulatedNode): void {
    this.#quietSinceMs = this.agenda.nowMs;
    for (const pair of this.#dualSinceMs.keys()) {
      const [, a, b] = pair.split(" ").map(Number);
      if ((a === one.id && b === other.id) || (a === other.id && b === one.id)) {
        this.#dualSinceMs.set(pair, this.agenda.nowMs);
      }
    }
  }

  #reach(from: SimulatedNode, to: SimulatedNode, network: number): boolean {
    const sides = this.#sides[network];
    if (this.#deaf.has(to) || from.virtualRouterId !== to.virtualRouterId) return false;
    return !sides || sides[from.id % sides.length] === sides[to.id % sides.length];
  }

  #disturb(one: Disturbance): void {
    const parts = ["partition", "deaf", "move", "ungroup", "clock"].includes(one.kind);
    if (parts) this.#quietSinceMs = this.agenda.nowMs;
    // Who outranks whom may be another now.
    this.#dualSinceMs.clear();
    if (one.kind === "partition") {
      this.#partition(one);
      return;
    }
    const node = this.#nodes[one.node % this.#nodes.length] as SimulatedNode;
    const afterwards = (task: () => void) => {
      const lastsMs = ("lasts" in one ? one.lasts : 0) * this.#unitMs;
      this.agenda.put(lastsMs, () => {
        if (parts) this.#quietSinceMs = this.agenda.nowMs;
        this.#dualSinceMs.clear();
        task();
      });
    };
    switch (one.kind) {
      case "stall":
        node.stall(this.agenda.nowMs + one.lasts * this.#unitMs, one.frozen);
        afterwards(() => node.resume());
        break;
      case "kill": {
        const wasMaster = node.kill();
        afterwards(() => {
          const silentMs = this.agenda.nowMs - Math.min(...node.lastAdvertMs);
          node.start(wasMaster ? silentMs : null);
        });
        break;
      }
      case "stop":
        if (node.runs) node.stop();
        afterwards(() => {
          node.kill();
          node.start(null);
        });
        break;
      case "weight":
        node.setWeight(one.weight);
        afterwards(() => node.setWeight(0));
        break;
      case "fault": {
        const network = one.network % this.#scenario.networks;
        node.setFault(network, one.fault, true);
        afterwards(() => node.setFault(network, one.fault, false));
        break;
      }
      case "failover":
        if (node.runs) node.failover();
        break;
      case "reload":
        node.reload(one.settings);
        break;
      case "move":
        node.move(one.virtualRouterId);
        afterwards(() => node.move(51));
        break;
      case "ungroup":
        node.regroup(false);
        afterwards(() => node.regroup(true));
        break;
      case "clock": {
        // Whose numbers only ever grow is not believed for as long as its clock was ahead, once it has forgotten them.
        const byMs = this.authentication === "time" ? one.byMs : -Math.abs(one.byMs);
        node.clockErrorMs += byMs;
        afterwards(() => {
          node.clockErrorMs -= byMs;
        });
        break;
      }
      case "deaf": {
        const untilMs = Math.max(this.#deaf.get(node) ?? 0, this.agenda.nowMs + one.lasts * this.#unitMs);
        this.#deaf.set(node, untilMs);
        afterwards(() => this.agenda.nowMs >= (this.#deaf.get(node) ?? 0) && this.#deaf.delete(node));
      }
    }
  }

  #partition({ network, sides, lasts }: Extract<Disturbance, { kind: "partition" }>): void {
    const at = network % this.#scenario.networks;
    this.#sides[at] = sides;
    this.agenda.put(lasts * this.#unitMs, () => {
      this.#quietSinceMs = this.agenda.nowMs;
      this.#dualSinceMs.clear();
      if (this.#sides[at] === sides) this.#sides[at] = null;
    });
  }

  #expectOneMaster(when: string): void {
    const able = this.#nodes.filter((node) => node.exists && !node.hasFault());
    for (let network = 0; network < this.#scenario.networks; network++) {
      const masters = this.#nodes.filter((node) => node.router(network)?.phase === "master");
      if (masters.length !== Math.min(1, able.length)) {
        this.#violate(`network ${network} ${when}: ${masters.length} masters (${masters.map(({ id }) => id).join()})`);
        continue;
      }
      const [master] = masters;
      const all = able.every(({ settings }) => settings.preempt === "always");
      const yields = able.some((node) => node.router(network)?.yields);
      const better = able.filter(({ priority }) => priority > (master?.priority ?? 255));
      if (all && !yields && better.length > 0) this.#violate(`network ${network} ${when}: not the best is master`);
    }
  }

  #violate(what: string): void {
    this.#violations.push(what);
  }
}
