import type { Check } from "@lbctl/checkers";
import type { Destination, ForwardingMethod, Service, Tunnel } from "ipvs-netlink";
import type { IpvsSettings, Marking } from "./ipvs-model.ts";
import type { NotifySettings, QuorumNotify, RealServerNotify } from "./notify-model.ts";
import type { ProcessSettings } from "./process-model.ts";

/**
 * The configuration after inheritance and expansion: what the director works from. Plain data, integer milliseconds,
 * canonical addresses; positions of the source are no part of it.
 */
export interface Model {
  readonly globalDefs: GlobalDefs;
  readonly virtualServers: readonly VirtualServer[];
}

export interface GlobalDefs {
  readonly routerId: string | null;
  /** How often the kernel's table is read back and repaired (ours: `reconcile_interval`, default 10 s). */
  readonly reconcileIntervalMs: number;
  readonly checkerLogAllFailures: boolean;
  readonly notify: NotifySettings;
  readonly ipvs: IpvsSettings;
  /** How the checker process runs. */
  readonly process: ProcessSettings;
}

/** One configured virtual server; it may be several kernel services (groups, ranges), so name and service keys are two identities. */
export interface VirtualServer {
  /** Unique. As configured, or made of its address. */
  readonly name: string;
  readonly group: string | null;
  /** At least one; they share scheduler, flags and persistence. */
  readonly services: readonly Service[];
  /** With nftables_ipvs: which packets have the mark that is its service, in place of the addresses of its group. */
  readonly marking?: Marking;
  /** Its real servers are checked only while this host has one of its addresses. */
  readonly haSuspend?: true;
  readonly lvsMethod: ForwardingMethod;
  readonly tunnel: Tunnel | null;
  readonly quorum: number;
  readonly hysteresis: number;
  readonly sorryServer: SorryServer | null;
  /** With a smaller share of its real servers up, in percent, all of them take traffic; absent: only those that are up. */
  readonly panicThreshold?: number;
  /** Null: nobody but FIFOs is told of the quorum. */
  readonly notify: QuorumNotify | null;
  /** Unique by address and port. */
  readonly realServers: readonly RealServer[];
}

export interface RealServer {
  /**
   * As the kernel would hold it when this real server is up; its weight is the configured one. Port 0 stands for the port of each
   * service of the virtual server.
   */
  readonly destination: Destination;
  readonly inhibitOnFailure: boolean;
  /** How long its weight rises after it came up from down; absent: it has it at once. */
  readonly slowStartMs?: number;
  /** Null: nobody but FIFOs is told of its changes. */
  readonly notify: RealServerNotify | null;
  /** All must pass; none at all means always up. */
  readonly checks: readonly Check[];
}

/** A destination of a model as a service with this port has it. The very object where that changes nothing. */
export function atPort(destination: Destination, servicePort: number): Destination {
  return destination.port !== 0 || servicePort === 0 ? destination : { ...destination, port: servicePort };
}

/** Takes the traffic while the quorum is not met. */
export interface SorryServer {
  readonly destination: Destination;
  /** Kept in the table with weight 0 while it is not needed. */
  readonly inhibit: boolean;
}
