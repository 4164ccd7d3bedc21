import type { AddressFamily } from "../table.ts";

/** RTN_*. */
export type RouteType =
  | "unicast"
  | "local"
  | "broadcast"
  | "anycast"
  | "multicast"
  | "blackhole"
  | "unreachable"
  | "prohibit"
  | "throw"
  | "nat";

/** An address with the length of its prefix; length 0 is everything. */
export interface Network {
  readonly address: string;
  readonly prefixLength: number;
}

export interface Realms {
  readonly from: number;
  readonly to: number;
}

export interface Nexthop {
  /** A gateway may be of the other family (RTA_VIA, Linux 5.2 for IPv4 routes). */
  readonly via: string | null;
  /** Index; null: the kernel finds it by the gateway. Read back it is always there. */
  readonly interface: number | null;
  /** 1 to 256. */
  readonly weight: number;
  readonly onlink: boolean;
  readonly realms: Realms | null;
}

/** Times are what the kernel takes: rtt in 1/8 ms, rttvar in 1/4 ms, rtoMin in ms. features is a set of bits (1 is ecn). */
export type RouteMetricName =
  | "mtu"
  | "window"
  | "rtt"
  | "rttvar"
  | "ssthresh"
  | "cwnd"
  | "advmss"
  | "reordering"
  | "hoplimit"
  | "initcwnd"
  | "features"
  | "rtoMin"
  | "initrwnd"
  | "quickack"
  | "fastopenNoCookie";

/** `locked`: path MTU discovery and the like leave it alone. */
export interface RouteMetric {
  readonly value: number;
  readonly locked: boolean;
}

/** RTA_METRICS; absent ones are not set. */
export type RouteMetrics = { readonly [K in RouteMetricName]?: RouteMetric };

export interface Route {
  readonly type: RouteType;
  readonly family: AddressFamily;
  readonly destination: Network;
  /** IPv6: packets from there only. */
  readonly from: Network | null;
  /** RTA_PREFSRC. */
  readonly source: string | null;
  readonly tos: number;
  /** 254 is main. */
  readonly table: number;
  /** rtm_protocol: who set it. */
  readonly protocol: number;
  /** rt_scope; IPv6 has 0 only. */
  readonly scope: number;
  /** RTA_PRIORITY; IPv6 makes 1024 of 0. */
  readonly metric: number;
  /** None for blackhole and its like, one for a plain route, several for a multipath route. */
  readonly nexthops: readonly Nexthop[];
  readonly metrics: RouteMetrics;
  /** Congestion control algorithm (RTAX_CC_ALGO). */
  readonly congestionControl: { readonly name: string; readonly locked: boolean } | null;
  /** IPv6, seconds from now; null is never. Read back it has become less. */
  readonly expiresS: number | null;
  readonly realms: Realms | null;
  /** IPv6 router preference (RFC 4191). */
  readonly preference: "low" | "medium" | "high" | null;
  /** MPLS: whether the TTL goes into and out of the label. */
  readonly ttlPropagate: boolean | null;
}

/** How a new route stands to equal ones: before them, behind them, not beside them, or instead of the first. */
export type RouteInsertion = "prepend" | "append" | "add" | "replace";

/** "10.9.0.0/16" or "default". */
export function networkText({ address, prefixLength }: Network): string {
  return prefixLength === 0 ? "default" : `${address}/${prefixLength}`;
}

/** For messages: "blackhole 10.9.0.0/16 table 100 metric 5". */
export function routeText(route: Route): string {
  const { type, destination, from, table, metric, nexthops } = route;
  const words: string[] = type === "unicast" ? [] : [type];
  words.push(destination.prefixLength === 0 && route.family === "inet6" ? "default6" : networkText(destination));
  if (from) words.push("from", networkText(from));
  if (nexthops.length > 2) words.push("via", String(nexthops.length), "next hops");
  else for (const { via } of nexthops) if (via !== null) words.push("via", via);
  if (table !== 254) words.push("table", String(table));
  if (metric !== 0) words.push("metric", String(metric));
  return words.join(" ");
}
