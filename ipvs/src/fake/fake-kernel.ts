import { constants } from "node:os";
import {
  type CommandAttributes,
  command as commandAttributes,
  info as infoAttributes,
  type StatisticsAttributes,
} from "../ipvs/attributes.ts";
import * as k from "../ipvs/constants.ts";
import { encodeDestinationKey } from "../ipvs/destination-codec.ts";
import { encodeServiceKey } from "../ipvs/service-codec.ts";
import type { Transport } from "../netlink/transport.ts";
import type { DestinationKey, ServiceKey } from "../table.ts";
import { FakeDaemons } from "./fake-daemons.ts";
import { FakeSocket, type FakeSocketKernel, type Outcome, type ReplyWriter } from "./fake-socket.ts";
import { destinationIdentity, type FakeDestination, type FakeService, FakeTable } from "./fake-table.ts";

export interface FakeKernelOptions {
  /** Known schedulers; default all of Linux 6.1. */
  readonly schedulers?: readonly string[];
  readonly engines?: readonly string[];
  readonly inet6?: boolean;
  /** MTU by name of the interfaces there are. */
  readonly interfaces?: Readonly<Record<string, number>>;
  /** Whether the module is loaded: without it there is no family. */
  readonly ipvs?: boolean;
  /** Memory for answers not yet read, per socket. */
  readonly receiveBufferBytes?: number;
  /** Longest datagram of a listing. */
  readonly dumpBytes?: number;
}

/** An error to answer in place of what would happen. EINTR is answered by silence, as the kernel does. */
export interface InjectedError {
  readonly errno: number;
  /** Extended acknowledgement text. */
  readonly text?: string;
}

const SCHEDULERS = ["rr", "wrr", "lc", "wlc", "fo", "ovf", "lblc", "lblcr", "dh", "sh", "mh", "sed", "nq"];
const { EINVAL, EOPNOTSUPP, ESRCH } = constants.errno;

/**
 * An IPVS kernel in memory that takes and answers octets of netlink as the real one does, refusals included. All sockets
 * opened on it share one table. The properties and hooks make it fail.
 */
export class FakeKernel implements FakeSocketKernel {
  /** False: every IPVS request is answered with EPERM. */
  privileged = true;
  /** So many of the next listings are marked as interrupted. */
  interruptedDumps = 0;
  /** Runs before each datagram of a listing but the first: the place for writers in between. */
  beforeNextDatagram: () => void = () => {};
  /** Answers an error for a request, or null to let it happen. */
  refuse: (command: number, attributes: CommandAttributes) => InjectedError | null = () => null;
  /** Requests taken, by IPVS_CMD_*. */
  readonly requests = new Map<number, number>();

  readonly ipvs: boolean;
  readonly receiveBufferBytes: number;
  readonly dumpBytes: number;
  readonly table: FakeTable;
  readonly #daemons: FakeDaemons;
  readonly #timeouts = { tcpS: 900, tcpFinS: 120, udpS: 300 };
  #lastPortId = 0;

  constructor(options: FakeKernelOptions = {}) {
    this.ipvs = options.ipvs ?? true;
    this.receiveBufferBytes = options.receiveBufferBytes ?? 1024 * 1024;
    this.dumpBytes = options.dumpBytes ?? 32 * 1024 - 320;
    this.#daemons = new FakeDaemons(options.interfaces ?? { lo: 65536, eth0: 1500 });
    this.table = new FakeTable(
      {
        schedulers: options.schedulers ?? SCHEDULERS,
        engines: options.engines ?? ["sip"],
        inet6: options.inet6 ?? true,
      },
      () => this.#daemons.running.size > 0,
    );
  }

  /** A socket on this kernel, for `IpvsClient.open({ transport })`. Its port id is the next one unless given. */
  open(portId = ++this.#lastPortId): Transport {
    return new FakeSocket(this, portId);
  }

  /** Sets what the kernel has counted for a service, or for one of its destinations. */
  count(
    key: ServiceKey,
    counted: { statistics?: StatisticsAttributes; active?: number; inactive?: number; persistent?: number },
    destination?: DestinationKey,
  ): void {
    const target = this.#find(key, destination);
    if (counted.statistics) target.statistics = counted.statistics;
    if ("connections" in target) {
      const { active = 0, inactive = 0, persistent = 0 } = counted;
      target.connections = { active, inactive, persistent };
    }
  }

  /** One IPVS request that is no listing. */
  handle(command: number, attributes: CommandAttributes): Outcome {
    this.requests.set(command, (this.requests.get(command) ?? 0) + 1);
    if (!this.privileged) return { errno: constants.errno.EPERM };
    const injected = this.refuse(command, attributes);
    if (injected) return injected;
    const { service, destination, daemon } = attributes;
    switch (command) {
      case k.IPVS_CMD_NEW_SERVICE:
        return { errno: this.table.newService(service) };
      case k.IPVS_CMD_SET_SERVICE:
        return { errno: this.table.setService(service) };
      case k.IPVS_CMD_DEL_SERVICE:
        return { errno: this.table.deleteService(service) };
      case k.IPVS_CMD_GET_SERVICE:
        return this.#getService(attributes);
      case k.IPVS_CMD_NEW_DEST:
        return { errno: this.table.newDestination(service, destination) };
      case k.IPVS_CMD_SET_DEST:
        return { errno: this.table.setDestination(service, destination) };
      case k.IPVS_CMD_DEL_DEST:
        return { errno: this.table.deleteDestination(service, destination) };
      case k.IPVS_CMD_NEW_DAEMON:
        return { errno: this.#daemons.start(daemon, this.table.mixedFamilies) };
      case k.IPVS_CMD_DEL_DAEMON:
        return { errno: this.#daemons.stop(daemon) };
      case k.IPVS_CMD_SET_CONFIG:
        return this.#setTimeouts(attributes);
      case k.IPVS_CMD_GET_CONFIG:
        return reply(k.IPVS_CMD_SET_CONFIG, (memory, offset) =>
          commandAttributes.encode(memory, offset, this.#timeouts),
        );
      case k.IPVS_CMD_GET_INFO:
        return reply(k.IPVS_CMD_SET_INFO, (memory, offset) =>
          infoAttributes.encode(memory, offset, { version: 0x010201, connectionTableSize: 4096 }),
        );
      case k.IPVS_CMD_ZERO:
        return { errno: this.table.zero(service) };
      case k.IPVS_CMD_FLUSH:
        this.table.flush();
        return { errno: 0 };
      default:
        return { errno: EOPNOTSUPP };
    }
  }

  /** The n-th object of a listing as it is now, or null after the last; a number is an errno. */
  listed(command: number, attributes: CommandAttributes, index: number): Outcome["reply"] | number | null {
    if (!this.privileged) return constants.errno.EPERM;
    if (command === k.IPVS_CMD_GET_SERVICE) {
      const service = this.table.services[index];
      return service ? { command: k.IPVS_CMD_NEW_SERVICE, write: serviceWriter(service) } : null;
    }
    if (command === k.IPVS_CMD_GET_DEST) {
      const found = this.table.find(attributes.service);
      // A service that is not there has an empty list, not an error.
      const destination = typeof found === "number" ? undefined : found.service?.destinations[index];
      return destination ? { command: k.IPVS_CMD_NEW_DEST, write: destinationWriter(destination) } : null;
    }
    if (command === k.IPVS_CMD_GET_DAEMON) {
      const daemon = [...this.#daemons.running.values()][index];
      const write: ReplyWriter = (memory, offset) => commandAttributes.encode(memory, offset, { daemon });
      return daemon ? { command: k.IPVS_CMD_NEW_DAEMON, write } : null;
    }
    return EOPNOTSUPP;
  }

  #getService(attributes: CommandAttributes): Outcome {
    const found = this.table.find(attributes.service);
    if (typeof found === "number") return { errno: found };
    if (!found.service) return { errno: ESRCH };
    return reply(k.IPVS_CMD_NEW_SERVICE, serviceWriter(found.service));
  }

  #setTimeouts(attributes: CommandAttributes): Outcome {
    for (const name of ["tcpS", "tcpFinS", "udpS"] as const) {
      // ip_vs_set_timeout takes seconds that fit an int as jiffies; 0 leaves a timeout as it is.
      if ((attributes[name] ?? 0) > 0x7fff_ffff / 100) return { errno: EINVAL };
    }
    for (const name of ["tcpS", "tcpFinS", "udpS"] as const)
      this.#timeouts[name] = attributes[name] || this.#timeouts[name];
    return { errno: 0 };
  }

  #find(key: ServiceKey, destination: DestinationKey | undefined): FakeService | FakeDestination {
    const found = this.table.find(encodeServiceKey(key));
    const service = typeof found === "number" ? undefined : found.service;
    const identity = destination && destinationIdentity(encodeDestinationKey(destination));
    const target = identity ? service?.destinations.find((one) => one.identity === identity) : service;
    if (!target) throw new Error("the fake kernel has no such object to count for");
    return target;
  }
}

function reply(command: number, write: ReplyWriter): Outcome {
  return { errno: 0, reply: { command, write } };
}

function serviceWriter({ settings, statistics }: FakeService): ReplyWriter {
  return (memory, offset) =>
    commandAttributes.encode(memory, offset, { service: { ...settings, statistics: counters(statistics) } });
}

function destinationWriter({ settings, statistics, connections }: FakeDestination): ReplyWriter {
  return (memory, offset) =>
    commandAttributes.encode(memory, offset, {
      destination: {
        // The kernel answers the tunnel attributes for every method.
        tunnelType: 0,
        tunnelPort: 0,
        tunnelFlags: 0,
        ...settings,
        activeConnections: connections.active,
        inactiveConnections: connections.inactive,
        persistentConnections: connections.persistent,
        statistics: counters(statistics),
      },
    });
}

function counters(statistics: StatisticsAttributes): StatisticsAttributes {
  return {
    connections: 0,
    inPackets: 0,
    outPackets: 0,
    inBytes: 0,
    outBytes: 0,
    connectionsPerS: 0,
    inPacketsPerS: 0,
    outPacketsPerS: 0,
    inBytesPerS: 0,
    outBytesPerS: 0,
    ...statistics,
  };
}
