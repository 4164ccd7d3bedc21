import { IpvsError, NetlinkError, type NetlinkErrorCode } from "../errors.ts";
import { failureOf, refusalMessage, type Subject } from "../netlink/failure.ts";
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
import { type IpvsChannel, REQUESTS_PER_SEND, requestError } from "./channel.ts";
import * as k from "./constants.ts";
import { decodeDestination } from "./destination-codec.ts";
import { decodeService, encodeServiceKey } from "./service-codec.ts";
import { decodeStatistics } from "./statistics.ts";

/** A service and its counters, without its destinations. */
export interface ServiceSummary {
  readonly service: Service;
  readonly statistics: Statistics;
}

const ATTEMPTS = 10;
const AGAIN: readonly NetlinkErrorCode[] = ["dump-interrupted", "overrun"];
/** Services read before other events get their turn. */
const SERVICES_PER_SLICE = 50;

/**
 * Reads the IPVS table. The kernel remembers only its place in a listing while writers come in between, so that a long
 * one may name an object twice or leave out one that was there all the time, unmarked (seen on Linux 6.1). A listing of
 * more than one datagram therefore counts when the next one names the same objects.
 */
export class TableReader {
  readonly #channel: IpvsChannel;
  readonly #batch = new RequestBatch(REQUESTS_PER_SEND);

  constructor(channel: IpvsChannel) {
    this.#channel = channel;
  }

  /** Throws IpvsError; `dump-interrupted` when others kept on writing. */
  services(): Promise<ServiceSummary[]> {
    const subject = { operation: "list-services", object: "" };
    return wholeListing(
      subject,
      ({ service }) => serviceKeyText(service.key),
      (found: ServiceSummary[]) =>
        this.#channel.list(subject, k.IPVS_CMD_GET_SERVICE, {}, (memory, offset, end) => {
          const summary = readService(memory, offset, end);
          if (summary) found.push(summary);
        }),
    );
  }

  /** In the kernel's order, which is the newest first. Empty also for a service that is not there. */
  destinations(key: ServiceKey): Promise<DestinationEntry[]> {
    const subject = { operation: "list-destinations", object: serviceKeyText(key) };
    const attributes = { service: encodeServiceKey(key) };
    return wholeListing(subject, endpointText, (found: DestinationEntry[]) =>
      this.#channel.list(subject, k.IPVS_CMD_GET_DEST, attributes, (memory, offset, end) => {
        const { destination } = commandAttributes.decode(memory, offset, end);
        if (destination) found.push(decodeDestination(destination));
      }),
    );
  }

  /** The services of the given keys that exist, in the order of the keys. */
  async present(keys: readonly ServiceKey[]): Promise<ServiceSummary[]> {
    const found: ServiceSummary[] = [];
    for (let at = 0; at < keys.length; at += REQUESTS_PER_SEND) {
      if (at > 0) await nextTurn();
      found.push(...this.#presentSlice(keys.slice(at, at + REQUESTS_PER_SEND)));
    }
    return found;
  }

  /** Completes services with their destinations; a service that went away meanwhile is left out. */
  async withDestinations(summaries: readonly ServiceSummary[]): Promise<ServiceEntry[]> {
    const entries: ServiceEntry[] = [];
    for (const [index, summary] of summaries.entries()) {
      if (index % SERVICES_PER_SLICE === SERVICES_PER_SLICE - 1) await nextTurn();
      entries.push({ ...summary, destinations: await this.destinations(summary.service.key) });
    }
    // The kernel lists nothing, without an error, for a service that is gone.
    const uncertain = entries.filter(({ destinations }) => destinations.length === 0).map(({ service }) => service.key);
    if (uncertain.length === 0) return entries;
    const still = new Set((await this.present(uncertain)).map(({ service }) => serviceKeyText(service.key)));
    return entries.filter(
      ({ service, destinations }) => destinations.length > 0 || still.has(serviceKeyText(service.key)),
    );
  }

  #presentSlice(keys: readonly ServiceKey[]): ServiceSummary[] {
    const batch = this.#batch;
    batch.clear();
    for (const key of keys) this.#channel.add(batch, k.IPVS_CMD_GET_SERVICE, { service: encodeServiceKey(key) });
    const found: (ServiceSummary | null)[] = [];
    const answers = this.#channel.transact(batch, (memory, offset, end, index) => {
      found[index] = readService(memory, offset, end);
    });
    return answers.flatMap((answer, index) => {
      const key = keys[index] as ServiceKey;
      const failure = failureOf(answer);
      // Too many answers at once for the receive buffer: asked alone, one fits.
      if (failure?.lost && keys.length > 1) return this.#presentSlice([key]);
      if (failure && failure.errno !== "ESRCH") {
        throw requestError({ operation: "get-service", object: serviceKeyText(key) }, failure);
      }
      return failure ? [] : (found[index] ?? []);
    });
  }
}

/**
 * Repeats a listing until it is whole. `list` adds to `found` and answers whether it was read at one moment.
 * Throws NetlinkError `dump-interrupted` or `overrun` after ATTEMPTS.
 */
async function wholeListing<T>(
  { operation, object }: Subject,
  identity: (item: T) => string,
  list: (found: T[]) => boolean,
): Promise<T[]> {
  let before: Set<string> | null = null;
  let last: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found: T[] = [];
    try {
      if (list(found)) return found;
      const names = new Set(found.map(identity));
      if (names.size === found.length && before && sameNames(before, names)) return found;
      before = names;
    } catch (error) {
      if (!(error instanceof NetlinkError && AGAIN.includes(error.code))) throw error;
      last = error;
    }
    await nextTurn();
  }
  const subject = { operation, object, errno: "EINTR" };
  const message = refusalMessage(subject, "EINTR", `the table changed during each of ${ATTEMPTS} listings`, null);
  throw last ?? new IpvsError("dump-interrupted", subject, message);
}

function sameNames(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((name) => other.has(name));
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
