import type { Action, StateChange } from "../action.ts";
import { OWNER_PRIORITY } from "../settings.ts";
import type { RouterState } from "../state.ts";
import { masterDownMs } from "../timing.ts";
import type { SimulatedNode } from "./node.ts";

const slackMs = 1;

/** The world, as far as what must hold in it depends on it. */
export interface Field {
  readonly nowMs: number;
  readonly nodes: readonly SimulatedNode[];
  readonly networks: number;
  /** The longest advert interval. */
  readonly unitMs: number;
  readonly maxDelayMs: number;
  /** What one sends comes to the other, if it is not lost. */
  reach(from: SimulatedNode, to: SimulatedNode, network: number): boolean;
  /** Somebody does not hear somebody there. */
  isParted(network: number): boolean;
}

/** Watches routers, and says what should not have happened. */
export class Referee {
  readonly violations: string[] = [];
  readonly changes: { readonly atMs: number; readonly change: StateChange }[] = [];
  readonly #field: Field;
  /** Since when two routers are both master and could have heard each other. */
  readonly #dualSinceMs = new Map<string, number>();
  /** Every advert arrived since. */
  #quietSinceMs = 0;
  /** Since when each tells the priority that it told last. */
  readonly #toldSinceMs = new Map<string, number>();
  /** When a master last said that it leaves. */
  readonly #leftMs = new Map<string, number>();
  /** Adverts of each mastership, in each network: the best priority that it told. */
  readonly #toldBest = new Map<string, number>();
  readonly #toldLast = new Map<string, number>();

  constructor(field: Field) {
    this.#field = field;
  }

  sent(from: SimulatedNode, network: number, priority: number): void {
    const told = `${from.id}/${network}`;
    if (this.#toldLast.get(told) !== priority) this.#toldSinceMs.set(told, this.#field.nowMs);
    this.#toldBest.set(told, Math.max(this.#toldBest.get(told) ?? 0, priority));
    this.#toldLast.set(told, priority);
  }

  /** An advert between them was lost, or not believed. */
  lost(one: SimulatedNode, other: SimulatedNode): void {
    this.#quietSinceMs = this.#field.nowMs;
    for (const pair of this.#dualSinceMs.keys()) {
      const [, a, b] = pair.split(" ").map(Number);
      if ((a === one.id && b === other.id) || (a === other.id && b === one.id)) {
        this.#dualSinceMs.set(pair, this.#field.nowMs);
      }
    }
  }

  /** Who outranks whom may be another now, and if it parts them, who hears whom. */
  disturbed({ parts }: { readonly parts: boolean }): void {
    if (parts) this.#quietSinceMs = this.#field.nowMs;
    this.#dualSinceMs.clear();
  }

  /** After a silence that others must have noticed nobody goes on as master. */
  checkWakeUp(node: SimulatedNode, network: number, before: RouterState, silentMs: number): void {
    const { settings, standing } = before;
    // timer_expired_backup tells how good the others are at best.
    const best = settings.timerExpiredBackup?.bestPriority ?? standing.priority;
    // With down_timer_adverts 1 a timer that is late by a little would be a stall: it has to be late by an interval.
    const limitMs = Math.max(2 * settings.advertMs, masterDownMs(settings, best, settings.advertMs));
    const after = node.router(network);
    const goesOn = after?.phase === "master" && after.sinceMs === before.sinceMs;
    // An owner would be master again at once.
    if (standing.priority === OWNER_PRIORITY) return;
    if (before.phase === "master" && goesOn && silentMs >= limitMs) {
      this.violate(`${node.id}/${network} at ${this.#field.nowMs}: slept ${silentMs} ms and goes on`);
    }
  }

  check(node: SimulatedNode, network: number, before: RouterState, actions: readonly Action[]): void {
    const after = node.router(network);
    if (after === null) return;
    const { phase, claim } = after;
    const name = `${node.id}/${network} at ${this.#field.nowMs}`;
    const answers = phase === "master" || phase === "leaving";
    if (node.holds[network] !== answers) this.violate(`${name}: ${phase}, and holds ${node.holds[network]}`);
    const timer = { master: "advert", backup: "master_down", leaving: "handover" } as const;
    const needed = phase in timer ? timer[phase as keyof typeof timer] : null;
    if (needed !== null && claim === null && node.timer(network, needed) === undefined) {
      this.violate(`${name}: ${phase} without its timer`);
    }
    if (phase !== "master" && node.timer(network, "advert") !== undefined) this.violate(`${name}: ${phase} advertises`);
    if (phase === "leaving" && before.phase === "master") this.#leftMs.set(`${node.id}/${network}`, this.#field.nowMs);
    for (const action of actions) {
      if (action.type === "send_advert" && !(action.priority >= 0 && action.priority <= 255)) {
        this.violate(`${name}: priority ${action.priority}`);
      }
      if (action.type !== "changed") continue;
      this.changes.push({ atMs: this.#field.nowMs, change: action.change });
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
    // An owner displaces whatever it is told (RFC 9568 section 6.1, Preempt_Mode), in a sync group by its own claim.
    if (preempt === "always" || why.kind === "owner" || before.standing.priority === OWNER_PRIORITY) return;
    const name = `${node.id}/${network} at ${this.#field.nowMs} (${preempt})`;
    if (why.kind === "preempts") this.violate(`${name}: preempts`);
    if (why.kind === "saw_drop") {
      if (preempt === "never") this.violate(`${name}: saw a drop`);
      if (!(why.to < why.from && why.to < before.standing.priority)) this.violate(`${name}: no drop`);
    }
    if (this.#field.isParted(network)) return;
    // It cannot know that a master whom it has not heard yet has a longer interval than its own.
    if (why.kind === "no_master_heard" && node.settings.advertMs < this.#field.unitMs) return;
    const enoughMs = 2 * masterDownMs(before.settings, 1, this.#field.unitMs);
    if (this.#field.nowMs - this.#quietSinceMs < enoughMs || this.#field.networks > 1) return;
    for (const other of this.#field.nodes) {
      const router = other.router(network);
      if (other === node || router?.phase !== "master" || !other.runs) continue;
      if (other.virtualRouterId !== node.virtualRouterId) continue;
      if (this.#field.nowMs - other.runsSinceMs < enoughMs) continue;
      // Both waited for the same silence: the tie of two backups, not a displacement.
      if (this.#field.nowMs - router.sinceMs <= this.#field.unitMs + this.#field.maxDelayMs) continue;
      // Killed while its better one took over, and back before it could know: it is the one that gives way.
      if (why.kind === "resumed" && router.standing.priority > before.standing.priority) continue;
      // By what it said last: nobody can know of a recovery that it has not told yet.
      const told = `${other.id}/${network}`;
      // Whoever takes that at its word displaces nobody, though it came late and the master has stayed meanwhile.
      if (this.#field.nowMs - (this.#leftMs.get(told) ?? -enoughMs) < enoughMs) continue;
      // Nor of one that it has told, and that is on its way.
      const isOnItsWay = this.#field.nowMs - (this.#toldSinceMs.get(told) ?? 0) <= this.#field.maxDelayMs;
      if (why.kind === "saw_drop" && preempt === "on_failure" && isOnItsWay) continue;
      const last = this.#toldLast.get(told) ?? 0;
      const failed = last < (this.#toldBest.get(told) ?? 0) && last < before.standing.priority;
      if (preempt === "never" || !failed) {
        this.violate(`${name}: displaces ${other.id}, ${JSON.stringify(because)}`);
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
      this.violate(`${name}: group is ${phases.join(" and ")}`);
    }
  }

  /** Two masters that hear each other, or that answer as one after a stall: no longer than an advert takes. */
  #checkDuals(): void {
    const { nowMs } = this.#field;
    for (let network = 0; network < this.#field.networks; network++) {
      const masters = this.#field.nodes.filter((node) => {
        const router = node.router(network);
        return node.runs && (router?.phase === "master" || (router?.phase === "leaving" && router.stall !== null));
      });
      const pairs = new Set<string>();
      for (const [index, one] of masters.entries()) {
        for (const other of masters.slice(index + 1)) {
          if (!this.#field.reach(one, other, network) || !this.#field.reach(other, one, network)) continue;
          const pair = `${network} ${one.id} ${other.id}`;
          pairs.add(pair);
          const sinceMs = this.#dualSinceMs.get(pair);
          if (sinceMs === undefined) this.#dualSinceMs.set(pair, nowMs);
          else if (nowMs - sinceMs > this.#field.unitMs + this.#field.maxDelayMs + slackMs) {
            this.violate(`two masters (${pair}) from ${sinceMs} to ${nowMs}`);
            this.#dualSinceMs.set(pair, nowMs);
          }
        }
      }
      for (const pair of this.#dualSinceMs.keys()) {
        if (pair.startsWith(`${network} `) && !pairs.has(pair)) this.#dualSinceMs.delete(pair);
      }
    }
  }

  expectOneMaster(when: string): void {
    const able = this.#field.nodes.filter((node) => node.exists && !node.hasFault());
    for (let network = 0; network < this.#field.networks; network++) {
      const masters = this.#field.nodes.filter((node) => node.router(network)?.phase === "master");
      if (masters.length !== Math.min(1, able.length)) {
        this.violate(`network ${network} ${when}: ${masters.length} masters (${masters.map(({ id }) => id).join()})`);
        continue;
      }
      const [master] = masters;
      const all = able.every(({ settings }) => settings.preempt === "always");
      // A member that is new in a group follows those that yield.
      const yields = able.some((node) => node.holds.some((_, each) => node.router(each)?.yields));
      const better = able.filter(({ priority }) => priority > (master?.priority ?? 255));
      if (all && !yields && better.length > 0) this.violate(`network ${network} ${when}: not the best is master`);
    }
  }

  violate(what: string): void {
    this.violations.push(what);
  }
}
