import { IpvsError, NetlinkError } from "../errors.ts";
import type { Memory } from "../netlink/memory.ts";
import { RequestBatch } from "../netlink/request-batch.ts";
import {
  type DestinationEntry,
  endpointText,
  type Service,
  type ServiceEntry,
  type ServiceKey,
  type Statistics,
  serviceKeyText,
} from "../table.ts";
import { command as commandAttributes } from "./attributes.ts";
import { failureOf, type IpvsChannel, LOST, REQUESTS_PER_SEND, withSubject } from "./channel.ts";
import * as k from "./constants.ts";
import { decodeDestination } from "./destination-codec.ts";
import { refusalMessage } from "./refusal.ts";
import { decodeService, encodeServiceKey } from "./service-codec.ts";
import { decodeStatistics } from "./statistics.ts";

/** A service and its counters, without its destinations. */
export interface ServiceSummary {
  readonly service: Service;
  readonly statistics: Statistics;
}

const ATTEMPTS = 5;
/** Services read before other events get their turn. */
const SERVICES_PER_SLICE = 50;

/**
 * Reads the IPVS table. The kernel lists entry by entry and lets writers in between: a listing it marks as interrupted,
 * one that names an object twice, and one with lost datagrams are asked for again.
 */
export class TableReader {
  readonly #channel: IpvsChannel;
  readonly #batch = new RequestBatch(REQUESTS_PER_SEND);

  constructor(channel: IpvsChannel) {
    this.#channel = channel;
  }

  services(): ServiceSummary[] {
    const subject = { operation: "list-services", object: "" };
    return this.#whole(
      subject.operation,
      ({ service }) => serviceKeyText(service.key),
      (found) =>
        this.#channel.list(subject, k.IPVS_CMD_GET_SERVICE, {}, (memory, offset, end) => {
          const summary = readService(memory, offset, end);
          if (summary) found.push(summary);
        }),
    );
  }

  /** In the kernel's order, which is the newest first. Empty also for a service that is not there. */
  destinations(key: ServiceKey): DestinationEntry[] {
    const subject = { operation: "list-destinations", object: serviceKeyText(key) };
    const attributes = { service: encodeServiceKey(key) };
    return this.#whole<DestinationEntry>(subject.object, endpointText, (found) =>
      this.#channel.list(subject, k.IPVS_CMD_GET_DEST, attributes, (memory, offset, end) => {
        const { destination } = commandAttributes.decode(memory, offset, end);
        if (destination) found.push(decodeDestination(destination));
      }),
    );
  }

  /** The services of the given keys that exist, in the order of the keys. */
  present(keys: readonly ServiceKey[]): ServiceSummary[] {
    const found: ServiceSummary[] = [];
    for (let at = 0; at < keys.length; at += REQUESTS_PER_SEND) {
      found.push(...this.#presentSlice(keys.slice(at, at + REQUESTS_PER_SEND)));
    }
    return found;
  }

  /** Completes services with their destinations; a service that went away meanwhile is left out. */
  async withDestinations(summaries: readonly ServiceSummary[]): Promise<ServiceEntry[]> {
    const entries: ServiceEntry[] = [];
    const uncertain: ServiceKey[] = [];
    for (const [index, summary] of summaries.entries()) {
      if (index % SERVICES_PER_SLICE === SERVICES_PER_SLICE - 1) await nextTurn();
      const destinations = this.destinations(summary.service.key);
      // The kernel lists nothing, without an error, for a service that is gone.
      if (destinations.length === 0) uncertain.push(summary.service.key);
      entries.push({ ...summary, destinations });
    }
    if (uncertain.length === 0) return entries;
    const still = new Set(this.present(uncertain).map(({ service }) => serviceKeyText(service.key)));
    return entries.filter(
      ({ service, destinations }) => destinations.length > 0 || still.has(serviceKeyText(service.key)),
    );
  }

  #presentSlice(keys: readonly ServiceKey[]): ServiceSummary[] {
    const batch = this.#batch;
    batch.clear();
    for (const key of keys) this.#channel.add(batch, k.IPVS_CMD_GET_SERVICE, { service: encodeServiceKey(key) });
    const found: ServiceSummary[] = [];
    const subject = (index: number) => ({
      operation: "get-service",
      object: serviceKeyText(keys[index] as ServiceKey),
    });
    let answers: ReturnType<IpvsChannel["transact"]>;
    try {
      answers = this.#channel.transact(batch, (memory, offset, end) => {
        const summary = readService(memory, offset, end);
        if (summary) found.push(summary);
      });
    } catch (error) {
      throw withSubject(error, { operation: "get-service", object: `(${keys.length} services)` });
    }
    for (const [index, answer] of answers.entries()) {
      const failure = failureOf(answer);
      if (failure === null || failure.errno === "ESRCH") continue;
      const { errno, text } = failure;
      const message = refusalMessage(subject(index), errno, answer.lost ? LOST : null, text);
      throw new IpvsError(answer.lost ? "overrun" : "rejected", { ...subject(index), errno }, message);
    }
    return found;
  }

  /** Repeats a listing until it is whole. Throws NetlinkError `dump-interrupted` or `overrun` after ATTEMPTS. */
  #whole<T>(what: string, identity: (item: T) => string, list: (found: T[]) => void): T[] {
    for (let attempt = 1; ; attempt++) {
      try {
        const found: T[] = [];
        list(found);
        if (new Set(found.map(identity)).size === found.length) return found;
        throw new NetlinkError("dump-interrupted", `${what}: the table changed while it was listed`, "EINTR");
      } catch (error) {
        const again = error instanceof NetlinkError && (error.code === "dump-interrupted" || error.code === "overrun");
        if (!again || attempt === ATTEMPTS) throw error;
      }
    }
  }
}

function readService(memory: Memory, offset: number, end: number): ServiceSummary | null {
  const attributes = commandAttributes.decode(memory, offset, end).service;
  const service = attributes && decodeService(attributes);
  return service ? { service, statistics: decodeStatistics(attributes.statistics) } : null;
}

/** Lets timers and sockets have their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
