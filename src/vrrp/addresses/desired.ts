import type { AddressFlag, AddressSettings, Link, Nexthop, Route, Rule } from "ipvs-netlink";
import type { Tracking, VirtualAddress, VirtualRoute, VirtualRule } from "../../config/network-model.ts";
import type { Holding } from "./holding.ts";
import { addressIdentity, type NameOf, networkOf, routeIdentity, ruleIdentity } from "./identity.ts";
import { OUR_PROTOCOL, type WantedObject } from "./network-object.ts";

/** What should be there, and what cannot be because its interface is not. */
export interface DesiredNetwork {
  /** Addresses, then routes, then rules: each may need those before it. Every text once. */
  readonly objects: readonly WantedObject[];
  readonly missing: readonly MissingInterface[];
}

export interface MissingInterface {
  readonly holder: string;
  readonly interface: string;
  /** What would be on it: "address 192.0.2.10". */
  readonly object: string;
  readonly tracking: Tracking;
}

const MAIN_TABLE = 254;
const INET6_METRIC = 1024;
const SCOPE_LINK = 253;
const SCOPE_HOST = 254;
const INET4_FLAGS: readonly AddressFlag[] = ["noprefixroute", "autojoin"];

/** What the holdings in force come to with the links that exist. Pure. */
export function desired(holdings: readonly Holding[], links: readonly Link[]): DesiredNetwork {
  const byName = new Map(links.map((link) => [link.name, link]));
  const names = new Map(links.map((link) => [link.index, link.name]));
  const nameOf: NameOf = (index) => names.get(index) ?? String(index);
  const objects = new Map<string, WantedObject>();
  const missing: MissingInterface[] = [];
  const add = (object: WantedObject) => {
    if (!objects.has(object.text)) objects.set(object.text, object);
  };

  for (const holding of holdings) {
    const { holder } = holding;
    for (const virtual of holding.addresses) {
      const name = placeOf(virtual, holding);
      const link = byName.get(name);
      if (link === undefined) {
        missing.push({ holder, interface: name, object: `address ${virtual.address}`, tracking: virtual.tracking });
        continue;
      }
      const address = addressSettings(virtual, link.index);
      add({ kind: "address", text: addressIdentity(address, nameOf), address, holder, tracking: virtual.tracking });
    }
  }
  for (const { holder, routes } of holdings) {
    for (const virtual of routes) {
      const { insertion, tracking } = virtual;
      const route = routeSettings(virtual, byName);
      if (typeof route === "string") {
        const { address, prefixLength } = virtual.destination;
        missing.push({ holder, interface: route, object: `route ${address}/${prefixLength}`, tracking });
        continue;
      }
      add({ kind: "route", text: routeIdentity(route, nameOf), route, insertion, holder, tracking });
    }
  }
  for (const { holder, rules } of holdings) {
    for (const virtual of rules) {
      const rule = ruleSettings(virtual);
      add({ kind: "rule", text: ruleIdentity(rule), rule, holder, tracking: virtual.tracking });
    }
  }
  return { objects: [...objects.values()], missing };
}

/** Name of the interface that an address sits on. */
export function placeOf(address: VirtualAddress, { placement }: Holding): string {
  switch (address.placement) {
    case "interface":
      return address.interface;
    case "instance-vmac":
      return placement.instanceLink ?? address.interface;
    case "own-vmac":
      return placement.ownLinks[address.interface] ?? address.interface;
  }
}

function addressSettings(virtual: VirtualAddress, index: number): AddressSettings {
  const { family, address, prefixLength, peer, scope, broadcast, label, preferredLifetimeS } = virtual;
  const inet6 = family === "inet6";
  // No duplicate address detection: the last master may answer for the address a moment longer, and a failed detection
  // would keep it from us for ever. keepalived does the same.
  const flags: readonly AddressFlag[] = inet6
    ? addressFlags.filter((flag) => flag === "nodad" || virtual.flags.includes(flag))
    : INET4_FLAGS.filter((flag) => virtual.flags.includes(flag));
  return {
    interface: index,
    address,
    prefixLength,
    peer,
    scope: inet6 ? 0 : scope,
    broadcast: inet6 ? null : broadcast,
    label: inet6 ? null : label,
    preferredLifetimeS: inet6 ? preferredLifetimeS : null,
    validLifetimeS: null,
    flags,
    protocol: OUR_PROTOCOL,
  };
}

const addressFlags: readonly AddressFlag[] = ["home", "nodad", "mngtmpaddr", "noprefixroute", "autojoin"];

/** The route, or the name of an interface that is not there. */
function routeSettings(virtual: VirtualRoute, links: ReadonlyMap<string, Link>): Route | string {
  const { type, family, destination, from, source, tos, metrics, realms, expiresS, preference, ttlPropagate } = virtual;
  const nexthops: Nexthop[] = [];
  for (const hop of virtual.nexthops) {
    const link = hop.interface === null ? null : links.get(hop.interface);
    if (link === undefined) return hop.interface ?? "";
    nexthops.push({ ...hop, interface: link?.index ?? null });
  }
  const table = tableOf(virtual, links);
  if (typeof table === "string") return table;
  const [only] = nexthops;
  const single = nexthops.length === 1 && only !== undefined;
  return {
    type,
    family,
    destination: networkOf(destination),
    from: from && networkOf(from),
    source,
    tos,
    table,
    protocol: virtual.protocol ?? OUR_PROTOCOL,
    scope: family === "inet6" ? 0 : (virtual.scope ?? defaultScope(virtual)),
    metric: family === "inet6" && !virtual.metric ? INET6_METRIC : (virtual.metric ?? 0),
    // Of a single next hop the kernel keeps no weight, and its realms are the route's.
    nexthops: single ? [{ ...only, weight: 1, realms: null }] : nexthops,
    // Unlocked, TCP takes no notice of rto_min; "ip route" locks it too.
    metrics: metrics.rtoMin ? { ...metrics, rtoMin: { ...metrics.rtoMin, locked: true } } : metrics,
    congestionControl: null,
    expiresS,
    realms: single ? (only.realms ?? realms) : realms,
    preference: family === "inet6" ? (preference ?? "medium") : null,
    ttlPropagate,
  };
}

function tableOf({ table, vrf }: VirtualRoute, links: ReadonlyMap<string, Link>): number | string {
  if (vrf === null) return table ?? MAIN_TABLE;
  const details = links.get(vrf)?.details;
  return details?.kind === "vrf" ? details.table : vrf;
}

/** As "ip route" has it. */
function defaultScope({ type, nexthops }: VirtualRoute): number {
  if (type === "local" || type === "nat") return SCOPE_HOST;
  if (type === "broadcast" || type === "multicast" || type === "anycast") return SCOPE_LINK;
  const [only] = nexthops;
  return type === "unicast" && nexthops.length === 1 && only?.via === null ? SCOPE_LINK : 0;
}

function ruleSettings({ tracking: _tracking, ...virtual }: VirtualRule): Rule {
  return {
    ...virtual,
    priority: virtual.priority ?? 0,
    from: virtual.from && virtual.from.prefixLength > 0 ? networkOf(virtual.from) : null,
    to: virtual.to && virtual.to.prefixLength > 0 ? networkOf(virtual.to) : null,
    protocol: virtual.protocol ?? OUR_PROTOCOL,
  };
}
