import type { Destination, DestinationEntry } from "ipvs-netlink";
import type { Candidate } from "./schedulers/scheduler.ts";
import { TrafficMeter } from "./traffic-meter.ts";

/** Active is established in both directions (or being so); inactive is everything else that still counts. */
export type ConnectionState = "active" | "inactive";

/**
 * One destination of a service with its connections and counters. Times are monotonic seconds and come in with each call.
 * It outlives its removal from the table for as long as connections count on it, and takes its place again when re-added.
 */
export class DestinationState implements Candidate {
  readonly meter = new TrafficMeter();
  #settings: Destination;
  #inTable = true;
  #overloaded = false;
  #active = 0;
  #inactive = 0;
  /** Closed connections that IPVS would still hold, by the second in which it would forget them. */
  readonly #lingering = new Map<number, number>();

  constructor(settings: Destination) {
    this.#settings = settings;
  }

  get settings(): Destination {
    return this.#settings;
  }
  get inTable(): boolean {
    return this.#inTable;
  }
  get weight(): number {
    return this.#settings.weight;
  }
  get activeConnections(): number {
    return this.#active;
  }
  get inactiveConnections(): number {
    return this.#inactive;
  }
  get overloaded(): boolean {
    return this.#overloaded;
  }

  /** New settings for the same address and port, also for one that had been removed. */
  update(settings: Destination): void {
    const { upperThreshold } = settings;
    // ip_vs_ctl.c, __ip_vs_update_dest: a raised or lifted limit takes effect at once, a lowered one with the next connection.
    if (upperThreshold === 0 || upperThreshold > this.#settings.upperThreshold) this.#overloaded = false;
    this.#settings = settings;
    this.#inTable = true;
  }

  /** No new connections; those that it has go on. */
  remove(): void {
    this.#inTable = false;
  }

  open(state: ConnectionState): void {
    this.#count(state, 1);
    this.meter.connection();
    const { upperThreshold } = this.#settings;
    if (upperThreshold !== 0 && this.#total() >= upperThreshold) this.#overloaded = true;
  }

  /** An active connection that was closed in one direction. */
  deactivate(): void {
    this.#active--;
    this.#inactive++;
  }

  /** The connection has ended; it counts as inactive for `lingerS` more. */
  close(state: ConnectionState, lingerS: number, nowS: number): void {
    this.#count(state, -1);
    if (lingerS > 0) {
      this.#inactive++;
      const forgottenAtS = Math.ceil(nowS + lingerS);
      this.#lingering.set(forgottenAtS, (this.#lingering.get(forgottenAtS) ?? 0) + 1);
    }
    this.#relieve();
  }

  /** Forgets the closed connections whose time is over. */
  expire(nowS: number): void {
    if (this.#lingering.size === 0) return;
    for (const [forgottenAtS, count] of this.#lingering) {
      if (forgottenAtS > nowS) continue;
      this.#lingering.delete(forgottenAtS);
      this.#inactive -= count;
    }
    this.#relieve();
  }

  entry(): DestinationEntry {
    return {
      ...this.#settings,
      activeConnections: this.#active,
      inactiveConnections: this.#inactive,
      persistentConnections: 0,
      statistics: this.meter.statistics(),
    };
  }

  #count(state: ConnectionState, change: 1 | -1): void {
    if (state === "active") this.#active += change;
    else this.#inactive += change;
  }

  #total(): number {
    return this.#active + this.#inactive;
  }

  /** ip_vs_conn.c, ip_vs_unbind_dest: takes new ones again below the lower threshold, or three quarters of the upper. */
  #relieve(): void {
    const { upperThreshold, lowerThreshold } = this.#settings;
    const relieved =
      lowerThreshold !== 0
        ? this.#total() < lowerThreshold
        : upperThreshold === 0 || this.#total() * 4 < upperThreshold * 3;
    if (relieved) this.#overloaded = false;
  }
}
