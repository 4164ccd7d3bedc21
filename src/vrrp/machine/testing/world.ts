import { randomOf } from "../../../testing/random.ts";
import { masterDownMs } from "../timing.ts";
import { Agenda } from "./agenda.ts";
import { type NodeHost, SimulatedNode } from "./node.ts";
import { type Field, Referee } from "./referee.ts";
import { type Authentication, calmFrom, type Disturbance, type Scenario } from "./scenario.ts";

/** Routers on virtual networks in virtual time. `run` returns what should not have happened. */
export class World implements NodeHost, Field {
  readonly agenda = new Agenda();
  readonly authentication: Authentication;
  readonly #scenario: Scenario;
  readonly networks: number;
  readonly nodes: readonly SimulatedNode[];
  readonly #random: () => number;
  readonly #sides: (readonly number[] | null)[];
  readonly unitMs: number;
  readonly maxDelayMs: number;
  readonly #longestPreemptDelayMs: number;
  readonly #deaf = new Map<SimulatedNode, number>();
  readonly #referee: Referee;
  #calm = false;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.authentication = scenario.authentication;
    this.networks = scenario.networks;
    this.#referee = new Referee(this);
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
    this.unitMs = Math.max(...intervals);
    this.maxDelayMs = scenario.network.delay * Math.min(...intervals);
    this.nodes = scenario.nodes.map((plan, id) => new SimulatedNode(id, plan, scenario.networks, this));
    for (const node of this.nodes) this.agenda.put(node.plan.startsAt * this.unitMs, () => node.start(null));
    for (const one of scenario.disturbances) this.agenda.put(one.at * this.unitMs, () => this.#disturb(one));
  }

  get nowMs(): number {
    return this.agenda.nowMs;
  }

  get changes(): Referee["changes"] {
    return this.#referee.changes;
  }

  run(): readonly string[] {
    const calmMs = calmFrom(this.#scenario) * this.unitMs;
    this.agenda.runUntil(calmMs);
    this.#calm = true;
    this.agenda.runUntil(calmMs + this.boundMs());
    this.#referee.expectOneMaster("at the bound");
    const changesBefore = this.#referee.changes.length;
    this.agenda.runUntil(this.agenda.nowMs + 12 * this.unitMs);
    this.#referee.expectOneMaster("later");
    for (const { atMs, change } of this.#referee.changes.slice(changesBefore)) {
      this.#referee.violate(`changed after the bound, at ${atMs}: ${JSON.stringify(change)}`);
    }
    return this.#referee.violations;
  }

  /**
   * From calm to exactly one master, in the worst case: a backup that has just heard the last master waits for it, once
   * more if it stalled, and becomes master (twice a master-down interval); a better one, after its preempt delay, lets
   * another one run out; two masters take one advert interval to hear each other. A router that starts late or hands over
   * is in front of all that.
   */
  boundMs(): number {
    const { nodes } = this.#scenario;
    const downMs = Math.max(...nodes.map(({ settings }) => masterDownMs(settings, 1, this.unitMs)));
    const delayMs = this.#longestPreemptDelayMs + Math.max(...nodes.map(({ startupDelayMs }) => startupDelayMs));
    return 3 * downMs + delayMs + 3 * this.unitMs + 1050 + 4 * this.maxDelayMs;
  }

  send(from: SimulatedNode, network: number, priority: number): void {
    const { loss, duplication } = this.#calm ? { loss: 0, duplication: 0 } : this.#scenario.network;
    this.#referee.sent(from, network, priority);
    const { virtualRouterId } = from;
    const stamp = from.signing.next(network, from.epochMs);
    const advert = { source: from.address, priority, advertMs: from.settings.advertMs };
    for (const to of this.nodes) {
      if (to === from) continue;
      if (!this.reach(from, to, network)) continue;
      if (this.#random() < loss) {
        this.#referee.lost(from, to);
        continue;
      }
      const copies = this.#random() < duplication ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        this.agenda.put(this.#random() * this.maxDelayMs, () => {
          if (to.virtualRouterId === virtualRouterId) to.receive(network, advert, stamp);
        });
      }
    }
  }

  /** For those who promise something, as if it had been lost. */
  refused(from: string, to: SimulatedNode): void {
    const sender = this.nodes.find(({ address }) => address === from);
    if (sender !== undefined) this.#referee.lost(sender, to);
  }

  check(...seen: Parameters<NodeHost["check"]>): void {
    this.#referee.check(...seen);
  }

  violate(what: string): void {
    this.#referee.violate(what);
  }

  checkWakeUp(...seen: Parameters<NodeHost["checkWakeUp"]>): void {
    this.#referee.checkWakeUp(...seen);
  }

  isParted(network: number): boolean {
    return this.#sides[network] !== null || this.#deaf.size > 0;
  }

  reach(from: SimulatedNode, to: SimulatedNode, network: number): boolean {
    const sides = this.#sides[network];
    if (this.#deaf.has(to) || from.virtualRouterId !== to.virtualRouterId) return false;
    return !sides || sides[from.id % sides.length] === sides[to.id % sides.length];
  }

  #disturb(one: Disturbance): void {
    const parts = ["partition", "deaf", "move", "ungroup", "shrink", "clock"].includes(one.kind);
    this.#referee.disturbed({ parts });
    if (one.kind === "partition") {
      this.#partition(one);
      return;
    }
    const node = this.nodes[one.node % this.nodes.length] as SimulatedNode;
    const afterwards = (task: () => void) => {
      const lastsMs = ("lasts" in one ? one.lasts : 0) * this.unitMs;
      this.agenda.put(lastsMs, () => {
        this.#referee.disturbed({ parts });
        task();
      });
    };
    switch (one.kind) {
      case "stall":
        node.stall(this.agenda.nowMs + one.lasts * this.unitMs, one.frozen);
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
      case "shrink":
        node.setWhole(false);
        afterwards(() => node.setWhole(true));
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
        const untilMs = Math.max(this.#deaf.get(node) ?? 0, this.agenda.nowMs + one.lasts * this.unitMs);
        this.#deaf.set(node, untilMs);
        afterwards(() => this.agenda.nowMs >= (this.#deaf.get(node) ?? 0) && this.#deaf.delete(node));
      }
    }
  }

  #partition({ network, sides, lasts }: Extract<Disturbance, { kind: "partition" }>): void {
    const at = network % this.#scenario.networks;
    this.#sides[at] = sides;
    this.agenda.put(lasts * this.unitMs, () => {
      this.#referee.disturbed({ parts: true });
      if (this.#sides[at] === sides) this.#sides[at] = null;
    });
  }
}
