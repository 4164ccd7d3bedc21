import type { AddressFamily } from "ipvs-netlink";
import type { Decoded } from "../packet/decode.ts";

/** Where packets come in: one socket for all sessions that share this. */
export interface ReceiveEndpoint {
  readonly family: AddressFamily;
  readonly port: number;
}

/** A datagram that came in. */
export interface Arrival {
  readonly endpoint: ReceiveEndpoint;
  readonly source: string;
  readonly destination: string;
  /** TTL or hop limit that it had left. */
  readonly ttl: number;
  readonly decoded: Decoded;
}

/** Two endpoints with the same key are the same socket. */
export function endpointKey({ family, port }: ReceiveEndpoint): string {
  return `${family} ${port}`;
}
