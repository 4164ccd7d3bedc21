import type { AddressFamily } from "ipvs-netlink";

/**
 * Addresses, routes and rules that VRRP sets: one model for virtual and static ones. Plain data with canonical addresses;
 * numbers are those of linux/rtnetlink.h and linux/fib_rules.h, names of /etc/iproute2 are resolved.
 */
export interface VirtualAddress {
  readonly family: AddressFamily;
  /** IFA_LOCAL. */
  readonly address: string;
  /** 32 and 128 when none was written, as always with a peer. */
  readonly prefixLength: number;
  /** IFA_ADDRESS when it differs from the address: the other end of a point-to-point link. */
  readonly peer: string | null;
  /** The interface, or the one below the VMAC: `dev`, or that of the instance, or default_interface. */
  readonly interface: string;
  readonly placement: Placement;
  /** rt_scope: 0 global, 200 site, 253 link, 254 host, 255 nowhere. */
  readonly scope: number;
  readonly broadcast: string | null;
  readonly label: string | null;
  /** IPv6; null is forever, 0 makes the address deprecated. */
  readonly preferredLifetimeS: number | null;
  readonly flags: readonly AddressFlag[];
  readonly tracking: Tracking;
}

/** What an address sits on: its interface, the VMAC or ipvlan of the instance, or a VMAC made for it on its interface. */
export type Placement = "interface" | "instance-vmac" | "own-vmac";

export type AddressFlag = "home" | "nodad" | "mngtmpaddr" | "noprefixroute" | "autojoin";

/**
 * What happens when somebody else takes it away. Unless it is `none` (no_track), it is put back at once; when that is not
 * possible it is a fault for its instance, for the instances of a track_group, or for nobody (`restore`: static ones without a
 * group, and routes without an interface, which go away with whatever their gateway is reached by).
 */
export type Tracking =
  | { readonly kind: "instance" }
  | { readonly kind: "group"; readonly group: string }
  | { readonly kind: "restore" }
  | { readonly kind: "none" };

/** An address with the length of its prefix. */
export interface Network {
  readonly address: string;
  readonly prefixLength: number;
}

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

export interface VirtualRoute {
  readonly type: RouteType;
  readonly family: AddressFamily;
  /** Length 0 is the default route. */
  readonly destination: Network;
  /** RTA_SRC: IPv6 only, packets from there. */
  readonly from: Network | null;
  /** RTA_PREFSRC. */
  readonly source: string | null;
  readonly tos: number;
  /** 254 is main. A route in a VRF is in the VRF's table: then `vrf` is set and this is null. */
  readonly table: number | null;
  readonly vrf: string | null;
  /** rtm_protocol; null: the number that marks routes as ours, as it must for those that are put back. */
  readonly protocol: number | null;
  /** rt_scope; null: link without a gateway, host for local ones, otherwise global, as "ip route" has it. */
  readonly scope: number | null;
  /** RTA_PRIORITY; null leaves it to the kernel. */
  readonly metric: number | null;
  /** None for blackhole and its like, one for a plain route, several for a multipath route. */
  readonly nexthops: readonly Nexthop[];
  readonly metrics: RouteMetrics;
  /** RTAX_CC_ALGO. */
  readonly congestionControl: { readonly name: string; readonly locked: boolean } | null;
  /** IPv6 only. */
  readonly expiresS: number | null;
  readonly realms: Realms | null;
  /** IPv6 router preference (RFC 4191). */
  readonly preference: "low" | "medium" | "high" | null;
  /** MPLS: whether the TTL goes into and out of the label. */
  readonly ttlPropagate: boolean | null;
  /** NLM_F_CREATE with: nothing (before equal ones), NLM_F_APPEND (behind them), NLM_F_EXCL (not beside equal ones). */
  readonly insertion: "prepend" | "append" | "add";
  readonly tracking: Tracking;
}

export interface Nexthop {
  readonly via: string | null;
  /** Null: the kernel finds it by the gateway. */
  readonly interface: string | null;
  /** 1 to 256. */
  readonly weight: number;
  /** What `encap` has behind it, as ip-route(8) takes it. */
  readonly encapsulation: string | null;
  readonly onlink: boolean;
  readonly realms: Realms | null;
}

export interface Realms {
  readonly from: number;
  readonly to: number;
}

/** RTA_METRICS, each absent unless written. `locked`: path MTU discovery and the like leave it alone. */
export type RouteMetrics = { readonly [K in RouteMetricName]?: RouteMetric };

export interface RouteMetric {
  readonly value: number;
  readonly locked: boolean;
}

/** Times are what the kernel takes: rtt in 1/8 ms, rttvar in 1/4 ms, rto_min in ms. features is a set of bits (1 is ecn). */
export type RouteMetricName =
  | "mtu"
  | "hoplimit"
  | "advmss"
  | "rtt"
  | "rttvar"
  | "reordering"
  | "window"
  | "cwnd"
  | "ssthresh"
  | "rtoMin"
  | "initcwnd"
  | "initrwnd"
  | "features"
  | "quickack"
  | "fastopenNoCookie";

export interface VirtualRule {
  readonly family: AddressFamily;
  readonly action: RuleAction;
  /** FRA_PRIORITY; null: counted down from 16384 by the place in the whole configuration. */
  readonly priority: number | null;
  /** FIB_RULE_INVERT. */
  readonly not: boolean;
  readonly from: Network | null;
  readonly to: Network | null;
  readonly tos: number;
  readonly fwmark: { readonly mark: number; readonly mask: number } | null;
  readonly realms: Realms | null;
  readonly iif: string | null;
  readonly oif: string | null;
  readonly suppressPrefixLength: number | null;
  readonly suppressGroup: number | null;
  /** Decimal: FRA_TUN_ID has 64 bits. */
  readonly tunnelId: string | null;
  readonly uidRange: NumberRange | null;
  readonly l3mdev: boolean;
  /** FRA_PROTOCOL; null: the number that marks rules as ours, as it must for those that are put back. */
  readonly protocol: number | null;
  readonly ipProto: number | null;
  readonly sport: NumberRange | null;
  readonly dport: NumberRange | null;
  readonly tracking: Tracking;
}

export type RuleAction =
  | { readonly kind: "table"; readonly table: number }
  | { readonly kind: "goto"; readonly priority: number }
  /** l3mdev brings its table along. */
  | { readonly kind: "l3mdev" }
  | { readonly kind: "nop" | "blackhole" | "unreachable" | "prohibit" };

export interface NumberRange {
  readonly from: number;
  readonly to: number;
}
