import { type AddressFamily, addressFamily } from "ipvs-netlink";
import type { Route } from "../../keywords/values/route-line.ts";
import type {
  Nexthop,
  Realms,
  RouteMetric,
  RouteMetricName,
  RouteMetrics,
  RouteType,
  Tracking,
  VirtualRoute,
} from "../../network-model.ts";
import { trackingOf } from "./address.ts";
import { familyOf, type Line, networkOf, refusedSince, resolveName, type VrrpContext } from "./context.ts";

type Written = Route["route"];

const types: readonly RouteType[] = [
  "unicast",
  "local",
  "broadcast",
  "anycast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
  "nat",
];

/** Packets end here: there is no next hop. */
const ends: readonly RouteType[] = ["blackhole", "unreachable", "prohibit", "throw"];

const metricNames = {
  mtu: "mtu",
  advmss: "advmss",
  rtt: "rtt",
  rttvar: "rttvar",
  reordering: "reordering",
  cwnd: "cwnd",
  ssthresh: "ssthresh",
  rto_min: "rtoMin",
  hoplimit: "hoplimit",
  window: "window",
  initcwnd: "initcwnd",
  initrwnd: "initrwnd",
  quickack: "quickack",
  fastopen_no_cookie: "fastopenNoCookie",
} as const satisfies Partial<Record<keyof Written, RouteMetricName>>;

/** RTAX_FEATURE_ECN. */
const ECN = 1;

/** A route with everything resolved; null, and said, when it is none. */
export function expandRoute(
  { route: written, nexthops }: Route,
  tracking: Tracking,
  line: Line,
  context: VrrpContext,
): VirtualRoute | null {
  const family = routeFamily(written, nexthops, line, context);
  if (family === null) return null;
  const before = context.problems.length;
  const named = (word: string | undefined, table: Parameters<typeof resolveName>[1], max: number) =>
    word === undefined ? null : resolveName(word, table, max, line, context);
  const type = types.find((each) => written[each] === true) ?? "unicast";
  const hops = expandNexthops(written, nexthops, line, context);
  checkHops(type, hops, nexthops, written, line, context);
  const tracked = trackingInForce(written, hops, tracking);
  const protocol = named(written.protocol, "protocols", 255);
  const expanded: VirtualRoute = {
    type,
    family,
    destination: networkOf(written.to ?? written.network ?? "default", family),
    from: written.from === undefined ? null : networkOf(written.from, family),
    source: written.src === undefined ? null : networkOf(written.src, family).address,
    tos: named(written.tos ?? written.dsfield, "dsfields", 255) ?? 0,
    table: written.vrf === undefined ? (named(written.table, "tables", 0xffff_ffff) ?? 254) : null,
    vrf: written.vrf ?? null,
    protocol: tracked.kind === "none" ? protocol : null,
    scope: named(written.scope, "scopes", 255),
    metric: written.metric ?? written.priority ?? written.preference ?? null,
    nexthops: hops,
    metrics: expandMetrics(written, line, context),
    congestionControl:
      written.congctl === undefined ? null : { name: written.congctl.value, locked: written.congctl.locked },
    expiresS: written.expires ?? null,
    realms: hops.length > 0 ? null : expandRealms(written.realms, line, context),
    preference: written.pref ?? null,
    ttlPropagate: written["ttl-propagate"] === undefined ? null : written["ttl-propagate"] === "enabled",
    insertion: written.append ? "append" : written.add || type !== "unicast" ? "add" : "prepend",
    tracking: tracked,
  };
  if (protocol !== null && tracked.kind !== "none") {
    const message = "a route that is watched has our protocol number: that is how it is known as ours";
    context.problems.push({ ...line, code: "corrected-setting", message, hint: "leave out protocol, or add no_track" });
  }
  if (written.or !== undefined) {
    const message = '"or" is deprecated';
    const hint = `take next hops: nexthop via ${written.via ?? written.gw ?? "<gateway>"} nexthop via ${written.or}`;
    context.problems.push({ ...line, code: "deprecated", message, hint });
  }
  return refusedSince(before, context) ? null : expanded;
}

/** Of the addresses in it; IPv4 when none tells. Null, and said, when they differ. */
function routeFamily(
  written: Written,
  nexthops: Route["nexthops"],
  line: Line,
  { problems }: VrrpContext,
): AddressFamily | null {
  const networks = [written.network, written.to, written.from, written.src].map((each) =>
    each === undefined ? null : familyOf(each),
  );
  const gateways = [written.via, written.gw, written.or, ...nexthops.map(({ via }) => via)].map((each) =>
    each === undefined ? null : addressFamily(each),
  );
  const flags = [written.inet ? "inet" : null, written.inet6 ? "inet6" : null] as const;
  const families = new Set([...networks, ...gateways, ...flags].filter((each) => each !== null));
  if (families.size < 2) return families.values().next().value ?? "inet";
  problems.push({ ...line, code: "family-mismatch", message: "the route mixes IPv4 and IPv6" });
  return null;
}

function expandNexthops(
  written: Written,
  nexthops: Route["nexthops"],
  line: Line,
  context: VrrpContext,
): readonly Nexthop[] {
  const device = written.dev ?? written.oif ?? null;
  const onlink = written.onlink === true;
  if (nexthops.length > 0) {
    return nexthops.map(({ via, dev, weight, onlink: own, realms, encap }) => ({
      via: via ?? null,
      interface: dev ?? device,
      weight: weight ?? 1,
      onlink: own === true || onlink,
      realms: expandRealms(realms ?? written.realms, line, context),
      encapsulation: encap ?? written.encap ?? null,
    }));
  }
  const gateways = [written.via ?? written.gw, written.or].filter((each) => each !== undefined);
  if (gateways.length === 0 && device === null) return [];
  const realms = expandRealms(written.realms, line, context);
  return (gateways.length === 0 ? [null] : gateways).map((via) => ({
    via,
    interface: device,
    weight: 1,
    onlink,
    realms,
    encapsulation: written.encap ?? null,
  }));
}

function checkHops(
  type: RouteType,
  hops: readonly Nexthop[],
  nexthops: Route["nexthops"],
  written: Written,
  line: Line,
  { problems }: VrrpContext,
): void {
  const gateway = written.via ?? written.gw;
  if (ends.includes(type) && hops.length > 0) {
    const message = `a route of type ${type} leads nowhere: it has no gateway and no interface`;
    problems.push({ ...line, code: "conflicting-keywords", message, hint: `leave out ${type}, or via and dev` });
  } else if (!ends.includes(type) && hops.length === 0) {
    const message = "the route has neither a gateway nor an interface";
    problems.push({ ...line, code: "missing-keyword", message, hint: 'add "via", "dev", or "nexthop"' });
  }
  if (gateway !== undefined && nexthops.length > 0) {
    const message = "a gateway stands before the next hops, and would not be one of them";
    problems.push({ ...line, code: "conflicting-keywords", message, hint: `write it as "nexthop via ${gateway}"` });
  }
}

/** A route without an interface may go because its gateway did, which is nobody's fault. */
function trackingInForce(written: Written, hops: readonly Nexthop[], otherwise: Tracking): Tracking {
  const tracking = trackingOf(written, otherwise);
  const anywhere = hops.length === 0 || hops.some((hop) => hop.interface === null);
  return tracking.kind === "instance" && anywhere ? { kind: "restore" } : tracking;
}

/** The least that keepalived and the kernel's own estimate have (TCP_RTO_MIN), in the kernel's units. */
const leastTimes = { rtt: 8 * 200, rttvar: 4 * 200, rtoMin: 200 } as const;

function expandMetrics(written: Written, line: Line, { problems }: VrrpContext): RouteMetrics {
  const metrics: Partial<Record<RouteMetricName, RouteMetric>> = {};
  for (const [keyword, name] of Object.entries(metricNames)) {
    const value = written[keyword as keyof typeof metricNames];
    if (value === undefined) continue;
    metrics[name] = typeof value === "number" ? { value, locked: false } : value;
  }
  for (const [name, least] of Object.entries(leastTimes) as [keyof typeof leastTimes, number][]) {
    const metric = metrics[name];
    if (metric === undefined || metric.value >= least) continue;
    metrics[name] = { ...metric, value: least };
    const message = `${name === "rtoMin" ? "rto_min" : name} is less than 200ms, which is taken instead`;
    problems.push({ ...line, code: "corrected-setting", message, hint: "write it with its unit: 300ms" });
  }
  if (written.features !== undefined) metrics.features = { value: ECN, locked: false };
  return metrics;
}

/** `to` or `from/to`. */
export function expandRealms(written: string | undefined, line: Line, context: VrrpContext): Realms | null {
  if (written === undefined) return null;
  const [first = "", second] = written.split("/");
  const to = resolveName(second ?? first, "realms", 0xffff, line, context);
  const from = second === undefined ? 0 : resolveName(first, "realms", 0xffff, line, context);
  return to === null || from === null ? null : { from, to };
}
