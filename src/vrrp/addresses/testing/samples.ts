import type { Link } from "ipvs-netlink";
import type { VirtualAddress, VirtualRoute, VirtualRule } from "../../../config/network-model.ts";
import type { Holding } from "../holding.ts";

/** An address as the configuration has it: "192.0.2.10/24" on eth0 unless told otherwise. */
export function virtualAddress(text: string, more: Partial<VirtualAddress> = {}): VirtualAddress {
  const [address = "", length] = text.split("/");
  const family = address.includes(":") ? "inet6" : "inet";
  return {
    family,
    address,
    prefixLength: length === undefined ? (family === "inet" ? 32 : 128) : Number(length),
    peer: null,
    interface: "eth0",
    placement: "interface",
    scope: 0,
    broadcast: null,
    label: null,
    preferredLifetimeS: family === "inet6" && length === undefined ? 0 : null,
    flags: [],
    tracking: { kind: "instance" },
    ...more,
  };
}

export function virtualRoute(text: string, more: Partial<VirtualRoute> = {}): VirtualRoute {
  const [address = "", length] = text.split("/");
  return {
    type: "unicast",
    family: address.includes(":") ? "inet6" : "inet",
    destination: { address, prefixLength: Number(length) },
    from: null,
    source: null,
    tos: 0,
    table: 254,
    vrf: null,
    protocol: null,
    scope: null,
    metric: null,
    nexthops: [],
    metrics: {},
    congestionControl: null,
    expiresS: null,
    realms: null,
    preference: null,
    ttlPropagate: null,
    insertion: "prepend",
    tracking: { kind: "instance" },
    ...more,
  };
}

export const via = (gateway: string | null, more: Partial<VirtualRoute["nexthops"][number]> = {}) => ({
  via: gateway,
  interface: null,
  weight: 1,
  onlink: false,
  realms: null,
  encapsulation: null,
  ...more,
});

export function virtualRule(more: Partial<VirtualRule> = {}): VirtualRule {
  return {
    family: "inet",
    action: { kind: "table", table: 7 },
    priority: null,
    not: false,
    from: null,
    to: null,
    tos: 0,
    fwmark: null,
    realms: null,
    iif: null,
    oif: null,
    suppressPrefixLength: null,
    suppressGroup: null,
    tunnelId: null,
    uidRange: null,
    l3mdev: false,
    protocol: null,
    ipProto: null,
    sport: null,
    dport: null,
    tracking: { kind: "instance" },
    ...more,
  };
}

export function holding(holder: string, more: Partial<Holding> = {}): Holding {
  return {
    holder,
    addresses: [],
    routes: [],
    rules: [],
    placement: { instanceLink: null, ownLinks: {} },
    ...more,
  };
}

export function link(index: number, name: string, more: Partial<Link> = {}): Link {
  return {
    index,
    name,
    details: null,
    mac: "02:00:00:00:00:01",
    mtu: 1500,
    up: true,
    lowerUp: true,
    operState: "up",
    loopback: false,
    multicast: true,
    noArp: false,
    pointToPoint: false,
    parent: null,
    parentNetnsId: null,
    master: null,
    alias: null,
    vrfTable: null,
    ...more,
  };
}
