import type { ServiceKey } from "ipvs-netlink";
import type { ServiceState } from "./service-state.ts";

/** The part of a service key that a socket can be bound to. */
export type SocketKey = Extract<ServiceKey, { kind: "address" }>;

/** Carries the traffic of one service. */
export interface Forwarder {
  /** Once a second, monotonic seconds. */
  expire(nowS: number): void;
  /** Takes no new connections. Established TCP connections go on; UDP sessions end with the socket that they answer from. */
  close(): void;
}

/** What went wrong with traffic since the start, for people who wonder where their connections went. */
export interface ForwardingFailures {
  /** Nobody to take it: no destination, or all quiesced or overloaded. */
  noDestination: number;
  /** The chosen destination refused or did not answer. */
  connectFailed: number;
  /** No descriptor or port was left for another connection. */
  noSocket: number;
}

export interface ForwarderContext {
  readonly key: SocketKey;
  readonly state: ServiceState;
  readonly failures: ForwardingFailures;
  /** Monotonic seconds. */
  readonly nowS: () => number;
}

/** errnos of a local shortage, as opposed to a destination that does not answer. */
const shortages = new Set(["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS", "ENOMEM"]);

export function countFailure(failures: ForwardingFailures, error: NodeJS.ErrnoException): void {
  if (shortages.has(error.code ?? "")) failures.noSocket++;
  else failures.connectFailed++;
}
