import { type Destination, endpointText, type Service, type ServiceEntry } from "ipvs-netlink";
import { DestinationState } from "./destination-state.ts";
import type { Client } from "./schedulers/scheduler.ts";
import { type RunningScheduler, startScheduler } from "./schedulers/schedulers.ts";
import { TrafficMeter } from "./traffic-meter.ts";

/** One virtual service with its destinations, scheduler and counters. */
export class ServiceState {
  readonly meter = new TrafficMeter();
  #service: Service;
  #scheduler: RunningScheduler<DestinationState>;
  readonly #destinations: DestinationState[] = [];
  /** Removed destinations on which connections still count, by endpoint. */
  readonly #removed = new Map<string, DestinationState>();

  /** The scheduler is one that exists: the table has checked. */
  constructor(service: Service) {
    this.#service = service;
    this.#scheduler = schedulerOf(service);
  }

  get service(): Service {
    return this.#service;
  }

  update(service: Service): void {
    this.#service = service;
    this.#scheduler = schedulerOf(service);
    this.#scheduler.changed(this.#destinations, null);
  }

  find(endpoint: string): DestinationState | undefined {
    return this.#destinations.find(({ settings }) => endpointText(settings) === endpoint);
  }

  add(settings: Destination): void {
    const endpoint = endpointText(settings);
    const destination = this.#removed.get(endpoint) ?? new DestinationState(settings);
    this.#removed.delete(endpoint);
    destination.update(settings);
    this.#destinations.push(destination);
    this.#scheduler.changed(this.#destinations, null);
  }

  set(endpoint: string, settings: Destination): void {
    this.find(endpoint)?.update(settings);
    this.#scheduler.changed(this.#destinations, null);
  }

  remove(endpoint: string): void {
    const destination = this.find(endpoint);
    if (destination === undefined) return;
    const index = this.#destinations.indexOf(destination);
    this.#destinations.splice(index, 1);
    destination.remove();
    this.#removed.set(endpoint, destination);
    this.#scheduler.changed(this.#destinations, index);
  }

  /** The destination that takes a new connection of this client; null when there is none. */
  schedule(client: Client): DestinationState | null {
    return this.#scheduler.pick(this.#destinations, client);
  }

  /** Once a second. */
  expire(nowS: number): void {
    for (const destination of this.#destinations) destination.expire(nowS);
    for (const [endpoint, destination] of this.#removed) {
      destination.expire(nowS);
      if (destination.activeConnections + destination.inactiveConnections === 0) this.#removed.delete(endpoint);
    }
  }

  /** Every two seconds. */
  estimate(): void {
    this.meter.estimate();
    for (const destination of this.#destinations) destination.meter.estimate();
  }

  entry(): ServiceEntry {
    return {
      service: this.#service,
      statistics: this.meter.statistics(),
      destinations: this.#destinations.map((destination) => destination.entry()),
    };
  }
}

function schedulerOf({ scheduler, schedulerFlags }: Service): RunningScheduler<DestinationState> {
  const running = startScheduler<DestinationState>(scheduler, schedulerFlags);
  if (running === null) throw new TypeError(`no scheduler "${scheduler}"`);
  return running;
}
