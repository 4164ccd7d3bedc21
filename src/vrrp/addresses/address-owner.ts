import type { NetworkEvent } from "ipvs-netlink";
import type { Clock } from "../../director/clock.ts";
import type { RecordStore } from "../../director/records.ts";
import { actualObjects, type Listed } from "./actual.ts";
import type { AddressEvent } from "./address-event.ts";
import type { DesiredNetwork } from "./desired.ts";
import { additionsOf, ownedBy, type PlannedWrite, removalsOf } from "./diff.ts";
import { type Holding, numberRules } from "./holding.ts";
import { type LostObjects, lossEvents, lostObjects } from "./lost-objects.ts";
import { OUR_PROTOCOL, type WantedObject } from "./network-object.ts";
import { linkSignature, type NetworkPlan, networkPlan, noPlan, together } from "./network-plan.ts";
import type { NetworkPlane } from "./network-plane.ts";
import { OwnedObjects } from "./owned-objects.ts";
import type { OwnershipRecord } from "./ownership-record.ts";
import { isMoot, reconcile, type Wish } from "./reconcile.ts";
import { afterRepair, atEase, type RepairPace, repairIn } from "./repair-pace.ts";

export interface AddressOwnerOptions {
  readonly network: NetworkPlane;
  readonly record: RecordStore<OwnershipRecord>;
  readonly clock: Clock;
  readonly onEvents: (events: readonly AddressEvent[]) => void;
  /** Addresses of these holders are there that were not, some time after `take`: neighbours may have lost them. */
  readonly onPutThere?: (holders: readonly string[]) => void;
}

/** Whether a holder's objects are there. `undecided`: what a predecessor left stays, and nothing is added. */
export type HoldingState = "in-force" | "released" | "undecided";

const retryMs = 1_000;

/**
 * The only writer of addresses, routes and rules. A holder takes or releases all it has in one send, without looking; a
 * pass over everything follows at once: list, diff, apply, verify. Passes also follow what others change, and the
 * appearance of interfaces.
 */
export class AddressOwner {
  readonly #options: AddressOwnerOptions;
  #holdings: readonly Holding[] = [];
  readonly #states = new Map<string, HoldingState>();
  readonly #owned: OwnedObjects;
  /** no_track objects that were put there since their holder took over. */
  readonly #given = new Set<string>();
  readonly #leftAway = new Set<string>();
  #missing = new Map<string, AddressEvent & { type: "interface_missing" }>();
  #refused = new Map<string, string>();
  #present: ReadonlySet<string> = new Set();
  /** Of the holders in force, at the last look. */
  #wanted = new Set<string>();
  #lost: LostObjects = new Map();
  #plan: NetworkPlan = noPlan;
  #routeProtocols: readonly number[] = [OUR_PROTOCOL];
  #watch: { close(): void } | null = null;
  #pace: RepairPace = atEase;
  /** The pass to come, in ms of the monotonic clock. */
  #next: { readonly atMs: number; readonly cancel: () => void } | null = null;
  #unavailable: string | null = null;
  #stopped = false;

  constructor(options: AddressOwnerOptions) {
    this.#options = options;
    this.#owned = new OwnedObjects(options.record, (event) => options.onEvents([event]));
  }

  /**
   * The configuration in force. Resolves when what it may write is on record and a first pass was made: what is ours and
   * of nobody is gone. Holders that are new are `released`, or `undecided` when `undecided` says so (after a crash, until
   * it is known who is master). Rejects when the kernel cannot be asked.
   */
  async configure(holdings: readonly Holding[], undecided: (holder: string) => boolean = () => false): Promise<void> {
    const first = this.#watch === null;
    if (first) await this.#owned.inherit();
    this.#holdings = numberRules(holdings);
    const holders = new Set(holdings.map(({ holder }) => holder));
    for (const holder of this.#states.keys()) if (!holders.has(holder)) this.#states.delete(holder);
    for (const holder of holders) {
      if (!this.#states.has(holder)) this.#states.set(holder, undecided(holder) ? "undecided" : "released");
    }
    this.#listen();
    this.#plan = networkPlan(this.#holdings, this.#options.network.list([]).links);
    await this.#owned.remember(this.#plan.holdersOf.keys());
    this.#pass(false);
    if (this.#refused.size > 0 || this.#unavailable !== null) return;
    await this.#owned.keepOnly((text) => this.#plan.holdersOf.has(text) || this.#present.has(text));
  }

  /** Everything of the holder is put there now. What the kernel refuses comes as events, and is tried again. */
  take(holder: string): void {
    this.#states.set(holder, "in-force");
    const { objects } = this.#desiredOf(holder);
    for (const { text } of objects) {
      this.#given.delete(text);
      this.#leftAway.delete(text);
      this.#wanted.add(text);
    }
    this.#writeNow(additionsOf(objects));
  }

  /** Everything of the holder is taken away now, unless another holder in force has it too. */
  release(holder: string): void {
    this.#states.set(holder, "released");
    const objects = this.#desiredOf(holder).objects.filter(
      ({ text }) => !this.#plan.holdersOf.get(text)?.some((other) => this.#states.get(other) === "in-force"),
    );
    for (const { text } of objects) this.#given.delete(text);
    this.#writeNow(removalsOf(objects));
  }

  stateOf(holder: string): HoldingState | null {
    return this.#states.get(holder) ?? null;
  }

  /** What the holder has, and whether it was there at the last look. */
  objectsOf(holder: string): { readonly object: string; readonly present: boolean }[] {
    const { objects, missing } = this.#desiredOf(holder);
    return [
      ...objects.map(({ text }) => ({ object: text, present: this.#present.has(text) })),
      ...missing.map(({ object }) => ({ object, present: false })),
    ];
  }

  /** Track groups of which something was not there at the last look, and could not be put back. */
  lostGroups(): ReadonlySet<string> {
    return new Set(this.#lost.keys());
  }

  /** Looks at everything now. For who cannot wait for the next event. */
  check(): void {
    this.#pass(false);
  }

  /** From now on nothing is put back or looked after; what is taken and released is. */
  leaveAlone(): void {
    this.#stopped = true;
    this.#next?.cancel();
    this.#watch?.close();
  }

  /** Ends. Everything of ours goes, unless it is to be kept for a successor. */
  async stop({ keep }: { readonly keep: boolean }): Promise<void> {
    this.leaveAlone();
    if (!keep) {
      for (const [holder, state] of this.#states) {
        if (state === "in-force") this.release(holder);
        else this.#states.set(holder, "released");
      }
      this.#pass(false);
      if (this.#unavailable === null) await this.#owned.end();
    }
    this.#options.network.close();
  }

  #desiredOf(holder: string): DesiredNetwork {
    return this.#plan.byHolder.get(holder) ?? { objects: [], missing: [] };
  }

  #inState(wanted: HoldingState): DesiredNetwork {
    return together(this.#plan, (holder) => this.#states.get(holder) === wanted);
  }

  #writeNow(writes: readonly PlannedWrite[]): void {
    if (writes.length > 0) {
      try {
        const results = this.#options.network.apply(writes.map(({ operation }) => operation));
        for (const [index, write] of writes.entries()) {
          const result = results[index];
          if (result && !result.ok && !isMoot(write, result)) this.#refuse(write.text, result.message);
        }
      } catch (error) {
        this.#lostKernel(error);
      }
    }
    this.#schedule(0);
  }

  /** A pass within that time. */
  #schedule(delayMs: number): void {
    const { clock } = this.#options;
    const atMs = clock.now().monotonicMs + delayMs;
    if (this.#stopped || (this.#next !== null && this.#next.atMs <= atMs)) return;
    // What was refused, or is not to be repaired yet, keeps nothing else waiting.
    this.#next?.cancel();
    const cancel = clock.setTimer(() => {
      this.#next = null;
      this.#pass(true);
    }, delayMs);
    this.#next = { atMs, cancel };
  }

  /** `repairing`: what is missing was there before, so that putting it back is worth telling. */
  #pass(repairing: boolean): void {
    const { network, clock, onEvents, onPutThere } = this.#options;
    const before = this.#present;
    try {
      const result = reconcile(network, this.#routeProtocols, (listed) => this.#wish(listed));
      this.#unavailable = null;
      this.#present = result.present;
      const events: AddressEvent[] = [];
      const repaired = result.applied.filter(
        ({ text, operation }) => before.has(text) && operation.kind.startsWith("new-"),
      );
      const inForce = this.#inState("in-force");
      const { objects } = inForce;
      const holderOf = new Map(objects.map(({ text, holder }) => [text, holder]));
      for (const { text } of repaired) {
        const holder = holderOf.get(text);
        if (holder !== undefined) events.push({ type: "restored", holder, object: text });
      }
      const putThere = result.applied.flatMap(({ text, operation }) =>
        operation.kind === "new-address" ? (holderOf.get(text) ?? []) : [],
      );
      for (const { text, operation } of result.applied) {
        if (!operation.kind.startsWith("del-") || holderOf.has(text)) continue;
        events.push({ type: this.#wanted.has(text) ? "withdrawn" : "cleaned", object: text });
      }
      this.#wanted = new Set(holderOf.keys());
      for (const object of objects) {
        if (object.tracking.kind === "none" && result.present.has(object.text)) this.#given.add(object.text);
      }
      if (repairing && repaired.length > 0) this.#pace = afterRepair(this.#pace, clock.now().monotonicMs);
      for (const text of this.#refused.keys()) if (!result.refused.has(text)) this.#refused.delete(text);
      const lost = lostObjects(inForce, result.present);
      events.push(...lossEvents(this.#lost, lost));
      this.#lost = lost;
      if (events.length > 0) onEvents(events);
      if (repairing && putThere.length > 0) onPutThere?.(putThere);
      for (const [text, message] of result.refused) this.#refuse(text, message);
      if (this.#refused.size > 0) this.#schedule(retryMs);
    } catch (error) {
      this.#lostKernel(error);
    }
  }

  #wish(listed: Listed): Wish {
    if (linkSignature(listed.links) !== this.#plan.signature) {
      this.#plan = networkPlan(this.#holdings, listed.links);
      void this.#owned.remember(this.#plan.holdersOf.keys());
    }
    const there = new Set(actualObjects(listed).map(({ text }) => text));
    const { objects, missing } = this.#inState("in-force");
    this.#tellMissing(missing);
    const left = new Set(this.#inState("undecided").objects.map(({ text }) => text));
    const ours = ownedBy(new Set([...this.#plan.holdersOf.keys(), ...this.#owned.texts]));
    return {
      wanted: objects.filter((object) => there.has(object.text) || !this.#staysAway(object)),
      isOurs: (object) => !left.has(object.text) && ours(object),
    };
  }

  #staysAway(object: WantedObject): boolean {
    if (object.tracking.kind !== "none" || !this.#given.has(object.text)) return false;
    if (!this.#leftAway.has(object.text)) {
      this.#leftAway.add(object.text);
      this.#options.onEvents([{ type: "left_away", holder: object.holder, object: object.text }]);
    }
    return true;
  }

  #tellMissing(missing: DesiredNetwork["missing"]): void {
    const now = new Map(
      missing.map(({ holder, interface: on, object }) => [
        `${holder} ${object}`,
        { type: "interface_missing" as const, holder, interface: on, object },
      ]),
    );
    const events: AddressEvent[] = [];
    for (const [key, event] of now) if (!this.#missing.has(key)) events.push(event);
    for (const [key, event] of this.#missing) {
      if (!now.has(key) && this.#states.get(event.holder) === "in-force")
        events.push({ ...event, type: "interface_found" });
    }
    this.#missing = now;
    if (events.length > 0) this.#options.onEvents(events);
  }

  #refuse(text: string, message: string): void {
    if (this.#refused.get(text) === message) return;
    this.#refused.set(text, message);
    this.#options.onEvents([{ type: "refused", object: text, message }]);
  }

  #lostKernel(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (this.#unavailable !== message) this.#options.onEvents([{ type: "network_unavailable", message }]);
    this.#unavailable = message;
    this.#schedule(retryMs);
  }

  #listen(): void {
    const configured = this.#holdings.flatMap(({ routes }) => routes.flatMap(({ protocol }) => protocol ?? []));
    const protocols = new Set([OUR_PROTOCOL, ...configured, ...this.#owned.routeProtocols()]);
    const wanted = [...protocols].sort((one, other) => one - other);
    if (this.#watch !== null && String(wanted) === String(this.#routeProtocols)) return;
    this.#watch?.close();
    this.#routeProtocols = wanted;
    this.#watch = this.#options.network.watch(wanted, (events) => this.#changed(events));
  }

  #changed(events: readonly NetworkEvent[]): void {
    if (this.#stopped || !events.some((event) => this.#concerns(event))) return;
    this.#schedule(repairIn(this.#pace, this.#options.clock.now().monotonicMs));
  }

  /** Neighbours' addresses come and go without end on some machines: only those of the configuration are looked at. */
  #concerns(event: NetworkEvent): boolean {
    if (event.kind !== "address" && event.kind !== "address-gone") return true;
    return this.#holdings.some(({ addresses }) => addresses.some(({ address }) => address === event.address.address));
  }
}
