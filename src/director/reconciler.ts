import { type Destination, type ServiceEntry, type ServiceKey, serviceKeyText } from "ipvs-netlink";
import { backoffMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import type { DataPlane } from "./data-plane.ts";
import type { DesiredEntry } from "./desired.ts";
import type { DesiredTable } from "./desired-table.ts";
import type { DirectorEvent } from "./events.ts";
import { emptyReport, type PassReport, reportOf, type ServiceOutcome } from "./outcome.ts";
import type { Ownership } from "./ownership.ts";
import { reconcile } from "./pass.ts";
import { ReadBack, sliceServices } from "./read-back.ts";
import { Refusals } from "./refusals.ts";

export interface ReconcilerOptions {
  readonly dataPlane: DataPlane;
  readonly table: DesiredTable;
  readonly ownership: Ownership;
  readonly clock: Clock;
  readonly onEvents: (events: readonly DirectorEvent[]) => void;
  /** From how many destinations on a service is written before it is read; by default `manyDestinations`. */
  readonly presumedFrom?: number;
}

interface Request {
  readonly waiting: Set<string>;
  readonly outcomes: ServiceOutcome[];
  readonly resolve: (report: PassReport) => void;
}

/** A service of so many destinations takes longer to read than anything else a pass does. */
const manyDestinations = 256;

const firstReconnectMs = 200;
const lastReconnectMs = 5_000;

/**
 * The only writer of the table. One pass at a time over a slice of services; what is asked for meanwhile is coalesced, and a small
 * request (a health change) goes before the rest of a large one (a reload). Everything else it does by itself: the
 * periodic read-back, retries of what was refused, waiting for a data plane that is gone.
 */
export class Reconciler {
  readonly refusals = new Refusals();
  readonly #options: ReconcilerOptions;
  readonly #known = new Map<string, DesiredEntry | null>();
  readonly #readBack = new ReadBack();
  readonly #urgent = new Map<string, ServiceKey>();
  readonly #bulk = new Map<string, ServiceKey>();
  /** Of the urgent ones, those that somebody asked to have looked at. */
  readonly #toRead = new Set<string>();
  /** One dump serves a whole bulk; a service that is reconciled meanwhile leaves the bulk. */
  #bulkActual: ReadonlyMap<string, ServiceEntry> | null = null;
  #bulkRequests = 0;
  #requests: Request[] = [];
  #serial: Promise<unknown> = Promise.resolve();
  #running = false;
  #stopped = false;
  #periodMs = 0;
  #unavailable: { readonly message: string; readonly sinceMonotonicMs: number; readonly failures: number } | null =
    null;
  #cancelReadBack: () => void = () => {};
  #cancelRetry: () => void = () => {};
  #cancelReconnect: () => void = () => {};

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Why the data plane cannot be reached; null if it can. */
  get unavailable(): string | null {
    return this.#unavailable?.message ?? null;
  }

  /** Destinations of a service as last written or read; null if it is absent or was never seen. */
  destinationsOf(serviceKey: string): readonly Destination[] | null {
    return this.#known.get(serviceKey)?.destinations ?? null;
  }

  /** Starts, or changes the period of, the read-back. */
  readBackEvery(periodMs: number): void {
    this.#periodMs = periodMs;
    this.#armReadBack();
  }

  /** All services that are ours. */
  keys(): ServiceKey[] {
    const { table, ownership } = this.#options;
    const keys = new Map(table.entries().map(({ service }) => [serviceKeyText(service.key), service.key]));
    for (const key of ownership.keys()) keys.set(serviceKeyText(key), key);
    return [...keys.values()];
  }

  /** Reads these services and brings them into the desired state. Resolves, never rejects, when that was done or tried. */
  request(keys: readonly ServiceKey[]): Promise<PassReport> {
    return this.#enqueue(keys, "read");
  }

  /**
   * The same for services of which something else is desired now. Where they have many destinations, what was last read or written of
   * them is presumed to be there still: what is to change does not wait for a read. The read-back sees to the rest.
   */
  change(keys: readonly ServiceKey[]): Promise<PassReport> {
    return this.#enqueue(keys, "presume");
  }

  #enqueue(keys: readonly ServiceKey[], how: "read" | "presume"): Promise<PassReport> {
    if (this.#stopped) return Promise.resolve({ ...emptyReport, unavailable: "stopped" });
    if (this.#unavailable !== null) return Promise.resolve({ ...emptyReport, unavailable: this.#unavailable.message });
    if (keys.length === 0) return Promise.resolve(emptyReport);
    const queue = keys.length <= sliceServices ? this.#urgent : this.#bulk;
    if (queue === this.#bulk) {
      this.#bulkActual = null;
      this.#bulkRequests += 1;
    }
    const unwanted: ServiceKey[] = [];
    for (const key of keys) {
      const text = serviceKeyText(key);
      if (how === "read" || this.#bulk.has(text)) this.#toRead.add(text);
      if (this.#options.table.entry(text) === null) unwanted.push(key);
      else queue.set(text, key);
    }
    // Last: a service that moved to another address is there before it is gone from the old one.
    for (const key of unwanted) queue.set(serviceKeyText(key), key);
    return new Promise((resolve) => {
      this.#requests.push({ waiting: new Set(keys.map(serviceKeyText)), outcomes: [], resolve });
      this.#run();
    });
  }

  /** Runs while no pass does. */
  exclusive<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#serial.then(task);
    this.#serial = done.catch(() => {});
    return done;
  }

  /** Resolves when the pass under way has ended; what was not begun is dropped. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelReadBack();
    this.#cancelRetry();
    this.#cancelReconnect();
    this.#dropAll("stopped");
    await this.exclusive(async () => {});
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    void this.exclusive(async () => {}).then(() => this.#loop());
  }

  async #loop(): Promise<void> {
    while (!this.#stopped && this.#urgent.size + this.#bulk.size > 0) {
      try {
        await this.exclusive(() => this.#slice());
      } catch (error) {
        this.#lost(error instanceof Error ? error.message : String(error));
      }
    }
    this.#running = false;
    if (!this.#stopped) this.#armRetry();
  }

  async #slice(): Promise<void> {
    const urgent = this.#urgent.size > 0;
    const slice = take(urgent ? this.#urgent : this.#bulk, sliceServices);
    for (const text of slice.keys()) this.#bulk.delete(text);
    // What is asked for from now on may be about something that this pass has already read.
    const requests = [...this.#requests];
    const { dataPlane, table, ownership, clock, onEvents } = this.#options;
    const presumed = urgent ? this.#presumed(slice) : new Set<string>();
    for (const text of slice.keys()) this.#toRead.delete(text);
    const actual = urgent ? await this.#found(slice, presumed) : await this.#fromBulkDump(slice);
    const outcomes = await reconcile(
      [...slice.values()],
      {
        dataPlane,
        wanted: (text) => table.entry(text),
        isOwned: (text) => ownership.has(text),
        known: this.#known,
        refusals: this.refusals,
        now: clock.now,
        onEvents,
      },
      { actual, presumed },
    );
    await this.#forgetRemoved(slice);
    this.#answer(requests, slice, outcomes);
    if (this.#bulk.size === 0) this.#bulkActual = null;
  }

  #presumed(slice: ReadonlyMap<string, ServiceKey>): ReadonlySet<string> {
    const { presumedFrom = manyDestinations } = this.#options;
    const isPresumed = (text: string) =>
      !this.#toRead.has(text) && (this.#known.get(text)?.destinations.length ?? 0) >= presumedFrom;
    return new Set([...slice.keys()].filter(isPresumed));
  }

  async #found(slice: ReadonlyMap<string, ServiceKey>, presumed: ReadonlySet<string>): Promise<DesiredEntry[]> {
    const toRead = [...slice].filter(([text]) => !presumed.has(text)).map(([, key]) => key);
    const read = toRead.length === 0 ? [] : await this.#options.dataPlane.read(toRead);
    return [...read, ...[...presumed].flatMap((text) => this.#known.get(text) ?? [])];
  }

  async #fromBulkDump(slice: ReadonlyMap<string, ServiceKey>): Promise<ServiceEntry[]> {
    const actual = this.#bulkActual ?? (await this.#dumpForBulk());
    return [...slice.keys()].flatMap((text) => actual.get(text) ?? []);
  }

  /** Kept for the slices that follow, unless more is asked for meanwhile. */
  async #dumpForBulk(): Promise<ReadonlyMap<string, ServiceEntry>> {
    const before = this.#bulkRequests;
    const entries = await this.#options.dataPlane.dump();
    const actual = new Map(entries.map((entry) => [serviceKeyText(entry.service.key), entry]));
    if (before === this.#bulkRequests) this.#bulkActual = actual;
    return actual;
  }

  /** Services that nobody wants and that are gone are not ours any more: who creates them again owns them. */
  async #forgetRemoved(slice: ReadonlyMap<string, ServiceKey>): Promise<void> {
    const gone = [...slice.keys()].filter(
      (text) => this.#options.table.entry(text) === null && this.#known.get(text) === null,
    );
    for (const text of gone) {
      this.#known.delete(text);
      this.refusals.keepOnly(text, new Set(), this.#options.clock.now());
    }
    if (gone.length > 0) await this.#options.ownership.release(gone);
  }

  #answer(
    requests: readonly Request[],
    slice: ReadonlyMap<string, ServiceKey>,
    outcomes: ReadonlyMap<string, ServiceOutcome>,
  ): void {
    for (const request of requests) {
      for (const text of slice.keys()) {
        if (!request.waiting.delete(text)) continue;
        const outcome = outcomes.get(text);
        if (outcome !== undefined) request.outcomes.push(outcome);
      }
      if (request.waiting.size === 0) request.resolve(reportOf(request.outcomes));
    }
    this.#requests = this.#requests.filter(({ waiting }) => waiting.size > 0);
  }

  #dropAll(message: string): void {
    this.#urgent.clear();
    this.#bulk.clear();
    this.#toRead.clear();
    this.#bulkActual = null;
    for (const { outcomes, resolve } of this.#requests) resolve(reportOf(outcomes, message));
    this.#requests = [];
  }

  #lost(message: string): void {
    const { clock, onEvents } = this.#options;
    const before = this.#unavailable;
    const failures = (before?.failures ?? 0) + 1;
    this.#unavailable = { message, failures, sinceMonotonicMs: before?.sinceMonotonicMs ?? clock.now().monotonicMs };
    this.#dropAll(message);
    if (before?.message !== message) onEvents([{ type: "data_plane_unavailable", message }]);
    if (this.#stopped) return;
    const delayMs = Math.min(lastReconnectMs, firstReconnectMs * 2 ** (failures - 1));
    this.#cancelReconnect = clock.setTimer(() => void this.#reconnect(), delayMs);
  }

  async #reconnect(): Promise<void> {
    const { dataPlane, clock, onEvents } = this.#options;
    try {
      await this.exclusive(() => dataPlane.dump());
    } catch (error) {
      if (!this.#stopped) this.#lost(error instanceof Error ? error.message : String(error));
      return;
    }
    if (this.#stopped || this.#unavailable === null) return;
    const lastedMs = clock.now().monotonicMs - this.#unavailable.sinceMonotonicMs;
    this.#unavailable = null;
    onEvents([{ type: "data_plane_available", lastedMs }]);
    await this.request(this.keys());
  }

  #armReadBack(): void {
    this.#cancelReadBack();
    if (this.#stopped) return;
    const { clock, table } = this.#options;
    const delayMs = this.#readBack.intervalMs(table.size, this.#periodMs);
    this.#cancelReadBack = clock.setTimer(() => void this.#readBackSlice(), delayMs);
  }

  async #readBackSlice(): Promise<void> {
    this.#armReadBack();
    if (this.#bulk.size > 0) return;
    const { operations } = await this.request(this.#readBack.next(() => this.keys()));
    // A missing service is rarely alone: somebody flushed the table.
    if (operations["new-service"] > 0) await this.request(this.keys());
  }

  #armRetry(): void {
    this.#cancelRetry();
    const { clock } = this.#options;
    const nextMs = this.refusals.nextRetryMonotonicMs();
    if (nextMs === null) return;
    this.#cancelRetry = clock.setTimer(() => this.#retry(), Math.max(backoffMs(1), nextMs - clock.now().monotonicMs));
  }

  #retry(): void {
    const due = new Set(this.refusals.due(this.#options.clock.now()));
    if (due.size === 0) this.#armRetry();
    else void this.request(this.keys().filter((key) => due.has(serviceKeyText(key))));
  }
}

function take(queue: Map<string, ServiceKey>, count: number): Map<string, ServiceKey> {
  const taken = new Map<string, ServiceKey>();
  for (const [text, key] of queue) {
    if (taken.size === count) break;
    queue.delete(text);
    taken.set(text, key);
  }
  return taken;
}
