import { NetlinkError, type NetlinkErrorCode, RequestError, RtnetlinkError } from "../errors.ts";
import { NetlinkConnection } from "../netlink/connection.ts";
import { NLM_F_DUMP } from "../netlink/constants.ts";
import { type Failure, failureOf, refusalMessage, type Subject } from "../netlink/failure.ts";
import type { Memory } from "../netlink/memory.ts";
import { type BodyWriter, RequestBatch } from "../netlink/request-batch.ts";
import { openSocketTransport } from "../netlink/socket-transport.ts";
import type { Transport } from "../netlink/transport.ts";
import type { AddressFamily, OperationResult } from "../table.ts";
import { decodeAddress, writeAddressListing } from "./address-codec.ts";
import { familyNumber } from "./attribute-types.ts";
import * as k from "./constants.ts";
import type { AddressEntry } from "./ip-address.ts";
import type { Link } from "./link.ts";
import { decodeLink, writeLinkKey, writeLinkListing } from "./link-codec.ts";
import { type RtnetlinkOperation, refusalCause, requestOf, subjectOf } from "./operation.ts";
import type { Route } from "./route.ts";
import { decodeRoute, writeRouteListing } from "./route-codec.ts";
import type { Rule } from "./rule.ts";
import { decodeRule, writeRuleListing } from "./rule-codec.ts";

export interface RtnetlinkClientOptions {
  /** Path of the network namespace; default is the process's own. */
  readonly netns?: string | undefined;
  /** Kernel memory for answers not yet read. */
  readonly receiveBufferBytes?: number | undefined;
  /** Whether that may exceed net.core.rmem_max; default true. */
  readonly receiveBufferForced?: boolean | undefined;
  /** In place of a socket. */
  readonly transport?: Transport;
}

/** What of the routes is listed; the kernel filters, so that a full routing table costs nothing. */
export interface RouteFilter {
  readonly family?: AddressFamily;
  /** Default is every table. */
  readonly table?: number;
  /** rtm_protocol; default is every one. */
  readonly protocol?: number;
}

const REQUESTS_PER_SEND = 64;
/** A multipath route of a hundred next hops. */
const LONGEST_REQUEST_BYTES = 4096;
const ATTEMPTS = 10;
const AGAIN: readonly NetlinkErrorCode[] = ["dump-interrupted", "overrun"];
const ok: OperationResult = { ok: true };
const LOST = "the kernel's answer was lost in a full receive buffer: list again to learn what happened";

/**
 * Links, addresses, routes and rules of one network namespace. The kernel answers within the call, so nothing here
 * waits. Failures are NetlinkError or RtnetlinkError.
 */
export class RtnetlinkClient {
  readonly #connection: NetlinkConnection;
  readonly #batch = new RequestBatch(REQUESTS_PER_SEND, LONGEST_REQUEST_BYTES);
  /** Of the socket: notifications of what this client did carry it. */
  readonly portId: number;

  private constructor(transport: Transport) {
    this.#connection = new NetlinkConnection(transport);
    this.portId = transport.portId;
  }

  /** Throws NetlinkError `addon-not-built` or `system-call`. */
  static open({ transport, ...socket }: RtnetlinkClientOptions = {}): RtnetlinkClient {
    const options = { ...socket, protocol: k.NETLINK_ROUTE, strictListings: true };
    return new RtnetlinkClient(transport ?? openSocketTransport(options));
  }

  /** Throws RtnetlinkError. */
  links(): Link[] {
    return this.#list("list-links", k.RTM_GETLINK, k.RTM_NEWLINK, writeLinkListing, decodeLink);
  }

  /** One link by index or name; null when there is none. Throws RtnetlinkError. */
  link(key: number | string): Link | null {
    const subject = { operation: "get-link", object: String(key) };
    const found: Link[] = [];
    const failure = this.#one(subject, k.RTM_GETLINK, 0, (memory, offset) => writeLinkKey(memory, offset, key), {
      type: k.RTM_NEWLINK,
      decode: decodeLink,
      found,
    });
    if (failure?.errno === "ENODEV") return null;
    if (failure) throw requestError(subject, failure);
    return found[0] ?? null;
  }

  /** Of one interface by index, or all. Throws RtnetlinkError. */
  addresses(index?: number): AddressEntry[] {
    const write: BodyWriter = (memory, offset) => writeAddressListing(memory, offset, 0, index ?? 0);
    const entries = this.#list("list-addresses", k.RTM_GETADDR, k.RTM_NEWADDR, write, decodeAddress);
    return index === undefined ? entries : entries.filter((entry) => entry.interface === index);
  }

  /** Throws RtnetlinkError. */
  routes({ family, table, protocol }: RouteFilter = {}): Route[] {
    const filter = { family: family ? familyNumber(family) : 0, table: table ?? 0, protocol: protocol ?? 0 };
    const write: BodyWriter = (memory, offset) => writeRouteListing(memory, offset, filter);
    // Kernels before 4.20 list everything.
    return this.#list("list-routes", k.RTM_GETROUTE, k.RTM_NEWROUTE, write, decodeRoute).filter(
      (route) =>
        (family === undefined || route.family === family) &&
        (table === undefined || route.table === table) &&
        (protocol === undefined || route.protocol === protocol),
    );
  }

  /** In the order in which the kernel asks them. Throws RtnetlinkError. */
  rules(family?: AddressFamily): Rule[] {
    const families: readonly AddressFamily[] = family ? [family] : ["inet", "inet6"];
    return families.flatMap((each) => {
      const write: BodyWriter = (memory, offset) => writeRuleListing(memory, offset, familyNumber(each));
      return this.#list("list-rules", k.RTM_GETRULE, k.RTM_NEWRULE, write, decodeRule);
    });
  }

  /**
   * Writes in order, one result per operation by index; never throws for what the kernel refuses. ENOBUFS in a result
   * means that the answer was lost, not that the operation failed.
   */
  apply(operations: readonly RtnetlinkOperation[]): OperationResult[] {
    const results: OperationResult[] = [];
    for (let at = 0; at < operations.length; at += REQUESTS_PER_SEND) {
      results.push(...this.#applySlice(operations.slice(at, at + REQUESTS_PER_SEND)));
    }
    return results;
  }

  close(): void {
    this.#connection.close();
  }

  #applySlice(operations: readonly RtnetlinkOperation[]): OperationResult[] {
    const batch = this.#batch;
    batch.clear();
    const results: (OperationResult | undefined)[] = [];
    const sent: number[] = [];
    for (const [index, operation] of operations.entries()) {
      const { type, flags, body } = requestOf(operation);
      try {
        batch.add(type, flags, body);
        sent.push(index);
      } catch (error) {
        if (!(error instanceof NetlinkError && error.code === "invalid")) throw error;
        results[index] = { ok: false, errno: "EINVAL", message: messageOf(operation, "EINVAL", error.message, null) };
      }
    }
    if (sent.length > 0) {
      const { answers } = this.#connection.transact(batch);
      for (const [at, answer] of answers.entries()) {
        const index = sent[at] as number;
        results[index] = resultOf(operations[index] as RtnetlinkOperation, failureOf(answer));
      }
    }
    return results as OperationResult[];
  }

  #list<T>(operation: string, type: number, answerType: number, write: BodyWriter, decode: Decoder<T>): T[] {
    const subject = { operation, object: "" };
    for (let attempt = 1; ; attempt++) {
      const found: T[] = [];
      try {
        const failure = this.#one(subject, type, NLM_F_DUMP, write, { type: answerType, decode, found });
        if (failure === null) return found;
        throw requestError(subject, failure);
      } catch (error) {
        if (!(error instanceof NetlinkError && AGAIN.includes(error.code)) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  #one<T>(subject: Subject, type: number, flags: number, write: BodyWriter, into: Collector<T>): Failure | null {
    const batch = this.#batch;
    batch.clear();
    batch.add(type, flags, write);
    try {
      const { answers } = this.#connection.transact(batch, "few-long", (_index, memory, header) => {
        if (header.type !== into.type) return;
        const item = into.decode(memory, header.payload, header.end);
        if (item !== null) into.found.push(item);
      });
      return answers[0] ? failureOf(answers[0]) : null;
    } catch (error) {
      if (!(error instanceof NetlinkError) || error instanceof RequestError) throw error;
      throw new RtnetlinkError(
        error.code,
        { ...subject, errno: error.errno },
        refusalMessage(subject, error.errno ?? error.code, error.message, null),
      );
    }
  }
}

type Decoder<T> = (memory: Memory, payload: number, end: number) => T | null;

interface Collector<T> {
  readonly type: number;
  readonly decode: Decoder<T>;
  readonly found: T[];
}

function resultOf(operation: RtnetlinkOperation, failure: Failure | null): OperationResult {
  if (failure === null) return ok;
  const { errno, text, lost } = failure;
  const cause = lost ? LOST : refusalCause(operation, errno);
  return { ok: false, errno, message: messageOf(operation, errno, cause, text) };
}

function messageOf(operation: RtnetlinkOperation, errno: string, cause: string | null, text: string | null): string {
  return refusalMessage(subjectOf(operation), errno, cause, text);
}

function requestError(subject: Subject, { errno, text, lost }: Failure): RtnetlinkError {
  const cause = lost ? LOST : errno === "EPERM" ? "this needs CAP_NET_ADMIN (root)" : null;
  return new RtnetlinkError(
    lost ? "overrun" : "rejected",
    { ...subject, errno },
    refusalMessage(subject, errno, cause, text),
  );
}
