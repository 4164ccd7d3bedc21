import type { AddressFamily } from "ipvs-netlink";
import type { ProcessSettings } from "./process-model.ts";

/** The BFD part of the Model: every session with its defaults. Plain data, canonical addresses, microseconds. */
export interface BfdModel {
  readonly process: ProcessSettings;
  /** Names and neighbours are unique. */
  readonly instances: readonly BfdInstance[];
}

export interface BfdInstance {
  readonly name: string;
  readonly family: AddressFamily;
  readonly neighbor: string;
  /** Null: the kernel chooses. */
  readonly source: string | null;
  /** Port 4784 (RFC 5883) instead of 3784. */
  readonly multihop: boolean;
  readonly minTxUs: number;
  readonly minRxUs: number;
  readonly idleTxUs: number;
  readonly multiplier: number;
  readonly passive: boolean;
  /** TTL or hop limit of our packets. */
  readonly ttl: number;
  /** Packets count from this TTL or hop limit on; 0: all do. */
  readonly leastTtl: number;
  /** Who is told of its changes. */
  readonly tells: { readonly vrrp: boolean; readonly checker: boolean };
}
