/**
 * The IPVS table as plain data: the vocabulary that the codec, the director and every data plane share.
 * Addresses are text in canonical form (RFC 5952 for IPv6), ports and marks are host-order numbers, times are seconds.
 */

export type AddressFamily = "inet" | "inet6";
export type Protocol = "TCP" | "UDP" | "SCTP";

/**
 * IP_VS_CONN_F_FWD_MASK of linux/ip_vs.h. Linux answers what was written, also for a destination whose address is its
 * own (verified on 6.1): such packets are delivered locally whatever the method says.
 */
export type ForwardingMethod = "NAT" | "DR" | "TUN" | "LOCAL" | "BYPASS";

/** IP_VS_SVC_F_SCHED1..3; what they mean depends on the scheduler (sh-fallback and mh-fallback are flag-1, sh-port and mh-port flag-2). */
export type SchedulerFlag = "flag-1" | "flag-2" | "flag-3";

/** Identity of one kernel service. */
export type ServiceKey =
  | { readonly kind: "address"; readonly protocol: Protocol; readonly address: string; readonly port: number }
  | { readonly kind: "fwmark"; readonly family: AddressFamily; readonly fwmark: number };

export interface Persistence {
  readonly timeoutS: number;
  /**
   * Prefix length of the client addresses kept together: 32 or 128 is one client. Read back, -1 is an IPv4 netmask whose
   * ones are not contiguous (others may have written one); it cannot be written.
   */
  readonly prefixLength: number;
  /** Persistence engine, e.g. "sip"; null is none. */
  readonly engine: string | null;
}

/** A service without its destinations and counters. */
export interface Service {
  readonly key: ServiceKey;
  readonly scheduler: string;
  /** Sorted, without duplicates. */
  readonly schedulerFlags: readonly SchedulerFlag[];
  readonly persistence: Persistence | null;
  readonly onePacket: boolean;
}

/** Identity of a destination within its service. */
export interface DestinationKey {
  readonly address: string;
  readonly port: number;
}

/** How TUN packets are wrapped (kernel 5.2 for gue, 5.3 for gre and the checksums). */
export interface Tunnel {
  readonly type: "ipip" | "gue" | "gre";
  /** UDP port of gue; 0 for the others. */
  readonly port: number;
  readonly checksum: "none" | "csum" | "remcsum";
}

export interface Destination extends DestinationKey {
  readonly method: ForwardingMethod;
  readonly weight: number;
  /** Connections above which no new ones are given; 0 is no limit. */
  readonly upperThreshold: number;
  /** Connections below which an overloaded destination takes new ones again; 0 is three quarters of the upper. */
  readonly lowerThreshold: number;
  /** Null for every method but TUN. */
  readonly tunnel: Tunnel | null;
}

/** Totals since creation (or zero) and the kernel's two-second estimates per second. */
export interface Statistics {
  readonly connections: number;
  readonly inPackets: number;
  readonly outPackets: number;
  readonly inBytes: number;
  readonly outBytes: number;
  readonly connectionsPerS: number;
  readonly inPacketsPerS: number;
  readonly outPacketsPerS: number;
  readonly inBytesPerS: number;
  readonly outBytesPerS: number;
}

export interface DestinationEntry extends Destination {
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly persistentConnections: number;
  readonly statistics: Statistics;
}

/** One service as the data plane holds it. */
export interface ServiceEntry {
  readonly service: Service;
  readonly statistics: Statistics;
  readonly destinations: readonly DestinationEntry[];
}

/** One write. `set-*` replaces every setting of an existing entry. */
export type TableOperation =
  | { readonly kind: "new-service"; readonly service: Service }
  | { readonly kind: "set-service"; readonly service: Service }
  | { readonly kind: "del-service"; readonly key: ServiceKey }
  | { readonly kind: "new-destination"; readonly key: ServiceKey; readonly destination: Destination }
  | { readonly kind: "set-destination"; readonly key: ServiceKey; readonly destination: Destination }
  | { readonly kind: "del-destination"; readonly key: ServiceKey; readonly destination: DestinationKey };

/** Result of one operation; `errno` is the symbolic name ("EEXIST"), `message` a sentence that names operation, object and cause. */
export type OperationResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly errno: string; readonly message: string };

/** Text identity: "TCP 192.0.2.1:80", "TCP [2001:db8::1]:80", "fwmark 4 inet6". Equal text means the same kernel service. */
export function serviceKeyText(key: ServiceKey): string {
  return key.kind === "address" ? `${key.protocol} ${endpointText(key)}` : `fwmark ${key.fwmark} ${key.family}`;
}

/** "192.0.2.1:80" or "[2001:db8::1]:80". */
export function endpointText({ address, port }: DestinationKey): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Family of a textual address. */
export function addressFamily(address: string): AddressFamily {
  return address.includes(":") ? "inet6" : "inet";
}

/** Family of the packets that a service takes. */
export function serviceFamily(key: ServiceKey): AddressFamily {
  return key.kind === "fwmark" ? key.family : addressFamily(key.address);
}
