import { MAX_S32, present, whole } from "../checks.ts";
import { IpvsError, NetlinkError } from "../errors.ts";
import { NetlinkConnection } from "../netlink/connection.ts";
import { NETLINK_GENERIC } from "../netlink/constants.ts";
import { type Failure, failureOf, refusalMessage } from "../netlink/failure.ts";
import { RequestBatch } from "../netlink/request-batch.ts";
import { openSocketTransport } from "../netlink/socket-transport.ts";
import type { Transport } from "../netlink/transport.ts";
import {
  type DestinationEntry,
  type OperationResult,
  type ServiceEntry,
  type ServiceKey,
  serviceKeyText,
  type TableOperation,
} from "../table.ts";
import { type CommandAttributes, command as commandAttributes, info as infoAttributes } from "./attributes.ts";
import { IpvsChannel, LOST, REQUESTS_PER_SEND, withSubject } from "./channel.ts";
import * as k from "./constants.ts";
import {
  type Daemon,
  type DaemonRole,
  type DaemonSettings,
  decodeDaemon,
  encodeDaemon,
  encodeDaemonRole,
} from "./daemon-codec.ts";
import { encodeOperation, operationCommand } from "./operation-codec.ts";
import { refusalCause, subjectOf } from "./refusal.ts";
import { encodeServiceKey } from "./service-codec.ts";
import { nextTurn, type ServiceSummary, TableReader } from "./table-reader.ts";

export interface IpvsClientOptions {
  /** Path of the network namespace whose table is meant; default is the process's own. */
  readonly netns?: string;
  /** Kernel memory for answers not yet read. */
  readonly receiveBufferBytes?: number | undefined;
  /** Whether that may exceed net.core.rmem_max; default true. */
  readonly receiveBufferForced?: boolean | undefined;
  /** In place of a socket, e.g. a fake kernel's. */
  readonly transport?: Transport;
}

/** The kernel's IPVS as a whole. */
export interface IpvsInfo {
  /** Of IPVS, not of the kernel: "1.2.1". */
  readonly version: string;
  readonly connectionTableSize: number;
}

/** Idle times of connections in seconds. */
export interface Timeouts {
  readonly tcpS: number;
  readonly tcpFinS: number;
  readonly udpS: number;
}

const ok: OperationResult = { ok: true };

/**
 * The IPVS table of one network namespace. Every method reports failure as NetlinkError or IpvsError; a client may be
 * used for several calls at once.
 */
export class IpvsClient {
  readonly #channel: IpvsChannel;
  readonly #reader: TableReader;
  readonly #batch = new RequestBatch(REQUESTS_PER_SEND);

  private constructor(channel: IpvsChannel) {
    this.#channel = channel;
    this.#reader = new TableReader(channel);
  }

  /**
   * Opens a socket and looks up the family. Throws NetlinkError `addon-not-built`, `family-absent` (no IPVS in this
   * kernel) or `system-call`.
   */
  static async open(options: IpvsClientOptions = {}): Promise<IpvsClient> {
    const { netns, receiveBufferBytes, receiveBufferForced } = options;
    const transport =
      options.transport ??
      openSocketTransport({ protocol: NETLINK_GENERIC, netns, receiveBufferBytes, receiveBufferForced });
    try {
      return new IpvsClient(new IpvsChannel(new NetlinkConnection(transport)));
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  async info(): Promise<IpvsInfo> {
    let attributes: ReturnType<typeof infoAttributes.decode> = {};
    this.#channel.request({ operation: "get-info", object: "" }, k.IPVS_CMD_GET_INFO, {}, (memory, offset, end) => {
      attributes = infoAttributes.decode(memory, offset, end);
    });
    // NVERSION of linux/ip_vs.h
    const version = present("version", attributes.version);
    return {
      version: `${(version >> 16) & 0xff}.${(version >> 8) & 0xff}.${version & 0xff}`,
      connectionTableSize: present("connection table size", attributes.connectionTableSize),
    };
  }

  /** All services with their destinations. Services of protocols other than TCP, UDP and SCTP are left out. */
  async dump(): Promise<ServiceEntry[]> {
    return this.#reader.withDestinations(await this.#reader.services());
  }

  /** The given services with their destinations, in the order of the keys; absent ones are left out. */
  async read(keys: readonly ServiceKey[]): Promise<ServiceEntry[]> {
    return this.#reader.withDestinations(await this.#reader.present(keys));
  }

  /** All services without their destinations. */
  async services(): Promise<ServiceSummary[]> {
    return this.#reader.services();
  }

  /** The destinations of one service, newest first. Throws IpvsError with errno ESRCH when there is no such service. */
  async destinations(key: ServiceKey): Promise<DestinationEntry[]> {
    const [entry] = await this.read([key]);
    if (entry) return [...entry.destinations];
    const subject = { operation: "list-destinations", object: serviceKeyText(key), errno: "ESRCH" };
    throw new IpvsError("rejected", subject, refusalMessage(subject, "ESRCH", "there is no such service", null));
  }

  /**
   * Writes the operations in order, many per send; one result per operation, by index. A refused operation does not
   * stop the others. Rejects only when the client is closed. Other events get their turn between sends.
   */
  async apply(operations: readonly TableOperation[]): Promise<readonly OperationResult[]> {
    const results: OperationResult[] = new Array(operations.length);
    for (let at = 0; at < operations.length; at += REQUESTS_PER_SEND) {
      if (at > 0) await nextTurn();
      this.#applySlice(operations, at, Math.min(at + REQUESTS_PER_SEND, operations.length), results);
    }
    return results;
  }

  /** Sets the counters of one service and its destinations to zero, or of all. */
  async zero(key?: ServiceKey): Promise<void> {
    const attributes: CommandAttributes = key ? { service: encodeServiceKey(key) } : {};
    this.#channel.request({ operation: "zero", object: key ? serviceKeyText(key) : "" }, k.IPVS_CMD_ZERO, attributes);
  }

  /** Removes every service, whoever created it. */
  async flush(): Promise<void> {
    this.#channel.request({ operation: "flush", object: "" }, k.IPVS_CMD_FLUSH, {});
  }

  async timeouts(): Promise<Timeouts> {
    let attributes: CommandAttributes = {};
    this.#channel.request(
      { operation: "get-timeouts", object: "" },
      k.IPVS_CMD_GET_CONFIG,
      {},
      (memory, offset, end) => {
        attributes = commandAttributes.decode(memory, offset, end);
      },
    );
    return {
      tcpS: present("TCP timeout", attributes.tcpS),
      tcpFinS: present("TCP FIN timeout", attributes.tcpFinS),
      udpS: present("UDP timeout", attributes.udpS),
    };
  }

  /** Seconds from 1; what is left out stays as it is. */
  async setTimeouts(timeouts: Partial<Timeouts>): Promise<void> {
    const attributes: CommandAttributes = {};
    for (const name of ["tcpS", "tcpFinS", "udpS"] as const) {
      const value = timeouts[name];
      if (value !== undefined) attributes[name] = whole(name, value, 1, MAX_S32);
    }
    this.#channel.request({ operation: "set-timeouts", object: "" }, k.IPVS_CMD_SET_CONFIG, attributes);
  }

  /** The running sync daemons: none, a master, a backup, or both. */
  async daemons(): Promise<Daemon[]> {
    const daemons: Daemon[] = [];
    this.#channel.list({ operation: "list-daemons", object: "" }, k.IPVS_CMD_GET_DAEMON, {}, (memory, offset, end) => {
      const { daemon } = commandAttributes.decode(memory, offset, end);
      if (daemon) daemons.push(decodeDaemon(daemon));
    });
    return daemons;
  }

  async startDaemon(settings: DaemonSettings): Promise<void> {
    this.#channel.request(
      { operation: "start-daemon", object: `${settings.role} ${settings.interface}` },
      k.IPVS_CMD_NEW_DAEMON,
      { daemon: encodeDaemon(settings) },
    );
  }

  async stopDaemon(role: DaemonRole): Promise<void> {
    try {
      this.#channel.request({ operation: "stop-daemon", object: role }, k.IPVS_CMD_DEL_DAEMON, {
        daemon: encodeDaemonRole(role),
      });
    } catch (error) {
      // A thread stopped before it first ran reports EINTR (kthread_stop), and is stopped all the same.
      const unclear = error instanceof IpvsError && error.errno === "EINTR";
      if (!unclear || (await this.daemons()).some((daemon) => daemon.role === role)) throw error;
    }
  }

  /** Closes the socket; the table stays. Harmless when repeated. */
  async close(): Promise<void> {
    this.#channel.close();
  }

  #applySlice(operations: readonly TableOperation[], from: number, to: number, results: OperationResult[]): void {
    const batch = this.#batch;
    batch.clear();
    const sent: number[] = [];
    for (let index = from; index < to; index++) {
      const operation = operations[index] as TableOperation;
      try {
        this.#channel.add(batch, operationCommand(operation), encodeOperation(operation));
        sent.push(index);
      } catch (error) {
        results[index] = refusedByError(operation, error);
      }
    }
    if (sent.length === 0) return;
    try {
      for (const [position, answer] of this.#channel.transact(batch).entries()) {
        const index = sent[position] as number;
        const failure = failureOf(answer);
        results[index] = failure ? refused(operations[index] as TableOperation, failure) : ok;
      }
    } catch (error) {
      for (const index of sent) results[index] = refusedByError(operations[index] as TableOperation, error);
    }
  }
}

function refused(operation: TableOperation, { errno, text, lost }: Failure): OperationResult {
  const cause = lost ? LOST : refusalCause(operation, errno);
  return { ok: false, errno, message: refusalMessage(subjectOf(operation), errno, cause, text) };
}

/** The exchange failed, or the operation could not be expressed. A closed client is the caller's mistake: thrown. */
function refusedByError(operation: TableOperation, error: unknown): OperationResult {
  if (!(error instanceof NetlinkError) || error.code === "closed") throw withSubject(error, subjectOf(operation));
  const errno = error.errno ?? "EIO";
  return { ok: false, errno, message: refusalMessage(subjectOf(operation), errno, error.message, null) };
}
