import { invalid, MAX_U32, whole } from "../checks.ts";
import { NetlinkError } from "../errors.ts";
import { type AttributeType, u8, u32 } from "../netlink/attribute-types.ts";
import { attributes, nested } from "../netlink/attributes.ts";
import { align4, type Memory } from "../netlink/memory.ts";
import { addressFamily } from "../table.ts";
import { familyNumber, familyOfNumber, ipAddress, viaAddress, words } from "./attribute-types.ts";
import * as k from "./constants.ts";
import type { Network, Nexthop, Realms, Route, RouteType } from "./route.ts";
import { decodeMetrics, encodeMetrics, metricAttributes } from "./route-metrics.ts";

// RTM_*ROUTE (linux/rtnetlink.h): struct rtmsg {family, dst_len, src_len, tos, table, protocol, scope, type: u8, flags u32}, RTA_*
//   MULTIPATH: struct rtnexthop {len u16, flags u8, hops u8 (weight - 1), index s32} with GATEWAY, VIA, FLOW; again and again
const ROUTE_TYPES: readonly (RouteType | null)[] = [
  null,
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
const PREFERENCES = { medium: 0, high: 1, low: 3 } as const;

const nexthopAttributes = attributes({
  gateway: [5, ipAddress],
  realms: [11, u32],
  via: [18, viaAddress],
});

/** A next hop of a multipath route; `via` of the route's own family goes into GATEWAY. */
interface RawNexthop {
  readonly flags: number;
  readonly hops: number;
  readonly interface: number;
  readonly gateway: string | undefined;
  readonly via: string | undefined;
  readonly realms: number | undefined;
}

const multipath: AttributeType<readonly RawNexthop[]> = {
  layout: "struct rtnexthop with attributes, repeated",
  flags: 0,
  write(memory, start, hops) {
    let offset = start;
    for (const hop of hops) {
      const end = nexthopAttributes.encode(memory, offset + k.RTNEXTHOP_BYTES, hop);
      memory.setU16(offset, end - offset);
      memory.u8[offset + 2] = hop.flags;
      memory.u8[offset + 3] = hop.hops;
      memory.setI32(offset + 4, hop.interface);
      offset = end;
    }
    return offset - start;
  },
  read(memory, start, length) {
    const hops: RawNexthop[] = [];
    const end = start + length;
    for (let offset = start; offset + k.RTNEXTHOP_BYTES <= end; ) {
      const bytes = memory.getU16(offset);
      if (bytes < k.RTNEXTHOP_BYTES || offset + bytes > end) {
        throw new NetlinkError("malformed", `next hop of ${bytes} octets with ${end - offset} left`);
      }
      hops.push({
        flags: memory.u8[offset + 2] as number,
        hops: memory.u8[offset + 3] as number,
        interface: memory.getI32(offset + 4),
        ...nexthopAttributes.decode(memory, offset + k.RTNEXTHOP_BYTES, offset + bytes),
      } as RawNexthop);
      offset += align4(bytes);
    }
    return hops;
  },
};

export const routeAttributes = attributes({
  destination: [1, ipAddress],
  from: [2, ipAddress],
  interface: [4, u32],
  gateway: [5, ipAddress],
  metric: [6, u32],
  source: [7, ipAddress],
  metrics: [8, nested(metricAttributes)],
  multipath: [9, multipath],
  realms: [11, u32],
  /** struct rta_cacheinfo: clntref, lastuse, expires (USER_HZ), error, used, id, ts, tsage; from the kernel only. */
  cache: [12, words("struct rta_cacheinfo", 4, 8)],
  table: [15, u32],
  via: [18, viaAddress],
  preference: [20, u8],
  expiresS: [23, u32],
  ttlPropagate: [26, u8],
});

/** RTM_NEWROUTE or RTM_DELROUTE. Throws NetlinkError `invalid`. */
export function writeRoute(memory: Memory, offset: number, route: Route): number {
  const { family, destination, from, nexthops, table, metric } = route;
  const type = ROUTE_TYPES.indexOf(route.type);
  if (type < 1) throw invalid(`"${route.type}" is no type of route`);
  const [only] = nexthops;
  const single = nexthops.length === 1 ? (only ?? null) : null;
  memory.u8[offset] = familyNumber(family);
  memory.u8[offset + 1] = prefix(destination, family);
  memory.u8[offset + 2] = from ? prefix(from, family) : 0;
  memory.u8[offset + 3] = whole("tos", route.tos, 0, 255);
  memory.u8[offset + 4] = table < 256 ? whole("table", table, 0, 255) : k.RT_TABLE_COMPAT;
  memory.u8[offset + 5] = whole("protocol", route.protocol, 0, 255);
  memory.u8[offset + 6] = whole("scope", route.scope, 0, 255);
  memory.u8[offset + 7] = type;
  memory.setU32(offset + 8, single?.onlink ? k.RTNH_F_ONLINK : 0);
  const gateway = single?.via ?? undefined;
  const sameFamily = gateway !== undefined && addressFamily(gateway) === family;
  return routeAttributes.encode(memory, offset + k.RTMSG_BYTES, {
    destination: destination.prefixLength === 0 ? undefined : destination.address,
    from: from && from.prefixLength > 0 ? from.address : undefined,
    interface: single?.interface ?? undefined,
    gateway: sameFamily ? gateway : undefined,
    via: sameFamily ? undefined : gateway,
    metric: metric === 0 ? undefined : whole("metric", metric, 0, MAX_U32),
    source: route.source ?? undefined,
    metrics: encodeMetrics(route),
    multipath: single || nexthops.length === 0 ? undefined : nexthops.map((hop) => rawNexthop(hop, route)),
    realms: realmsNumber(single?.realms ?? route.realms),
    table: table < 256 ? undefined : whole("table", table, 0, MAX_U32),
    preference: route.preference === null ? undefined : PREFERENCES[route.preference],
    expiresS: route.expiresS === null ? undefined : whole("expiry", route.expiresS, 0, MAX_U32),
    ttlPropagate: route.ttlPropagate === null ? undefined : Number(route.ttlPropagate),
  });
}

function rawNexthop(hop: Nexthop, { family }: Route): RawNexthop {
  const sameFamily = hop.via !== null && addressFamily(hop.via) === family;
  return {
    flags: hop.onlink ? k.RTNH_F_ONLINK : 0,
    hops: whole("weight", hop.weight, 1, 256) - 1,
    interface: hop.interface ?? 0,
    gateway: sameFamily ? (hop.via ?? undefined) : undefined,
    via: sameFamily ? undefined : (hop.via ?? undefined),
    realms: realmsNumber(hop.realms),
  };
}

/** RTM_GETROUTE: the kernel filters by what is not 0 (with NETLINK_GET_STRICT_CHK). */
export function writeRouteListing(
  memory: Memory,
  offset: number,
  filter: { family: number; table: number; protocol: number },
): number {
  for (let at = offset; at < offset + k.RTMSG_BYTES; at += 4) memory.setU32(at, 0);
  memory.u8[offset] = filter.family;
  memory.u8[offset + 5] = filter.protocol;
  return routeAttributes.encode(memory, offset + k.RTMSG_BYTES, { table: filter.table || undefined });
}

/** rtm_protocol, to tell whether the rest is worth reading. */
export function routeProtocol(memory: Memory, payload: number): number {
  return memory.u8[payload + 5] as number;
}

/** Null for a family or type without a name here. Throws NetlinkError `malformed`. */
export function decodeRoute(memory: Memory, payload: number, end: number): Route | null {
  if (end - payload < k.RTMSG_BYTES) throw new NetlinkError("malformed", "a route without its header");
  const at = (index: number) => memory.u8[payload + index] as number;
  const family = familyOfNumber(at(0));
  const type = ROUTE_TYPES[at(7)] ?? null;
  if (family === null || type === null) return null;
  const values = routeAttributes.decode(memory, payload + k.RTMSG_BYTES, end);
  const anywhere = family === "inet" ? "0.0.0.0" : "::";
  const metrics = decodeMetrics(values.metrics);
  return {
    type,
    family,
    destination: { address: values.destination ?? anywhere, prefixLength: at(1) },
    from: at(2) === 0 ? null : { address: values.from ?? anywhere, prefixLength: at(2) },
    source: values.source ?? null,
    tos: at(3),
    table: values.table ?? at(4),
    protocol: at(5),
    scope: at(6),
    metric: values.metric ?? 0,
    nexthops: REJECTING.includes(type) ? [] : nexthopsOf(values, memory.getU32(payload + 8)),
    ...metrics,
    expiresS: family === "inet6" && values.cache?.[2] ? Math.round(values.cache[2] / USER_HZ) : null,
    realms: realmsOf(values.realms),
    preference: family === "inet6" && values.preference !== undefined ? preferenceOf(values.preference) : null,
    ttlPropagate: values.ttlPropagate === undefined ? null : values.ttlPropagate !== 0,
  };
}

/** IPv6 names the loopback as the interface of these. */
const REJECTING: readonly RouteType[] = ["blackhole", "unreachable", "prohibit", "throw"];
const USER_HZ = 100;

function nexthopsOf(values: ReturnType<typeof routeAttributes.decode>, flags: number): Nexthop[] {
  if (values.multipath) return values.multipath.map(nexthopOf);
  if (values.interface === undefined) return [];
  const via = values.gateway ?? values.via ?? null;
  const onlink = (flags & k.RTNH_F_ONLINK) !== 0;
  return [{ via, interface: values.interface, weight: 1, onlink, realms: null }];
}

function nexthopOf(raw: RawNexthop): Nexthop {
  return {
    via: raw.gateway ?? raw.via ?? null,
    interface: raw.interface || null,
    weight: raw.hops + 1,
    onlink: (raw.flags & k.RTNH_F_ONLINK) !== 0,
    realms: realmsOf(raw.realms),
  };
}

function preferenceOf(number: number): "low" | "medium" | "high" {
  if (number === PREFERENCES.high) return "high";
  return number === PREFERENCES.low ? "low" : "medium";
}

export function realmsNumber(realms: Realms | null): number | undefined {
  if (realms === null) return undefined;
  return whole("realm", realms.from, 0, 0xffff) * 0x1_0000 + whole("realm", realms.to, 0, 0xffff);
}

export function realmsOf(number: number | undefined): Realms | null {
  return number ? { from: number >>> 16, to: number & 0xffff } : null;
}

/** The length of the prefix. Throws NetlinkError `invalid` when the kernel would refuse the network. */
export function prefix({ address, prefixLength }: Network, family: "inet" | "inet6"): number {
  if (addressFamily(address) !== family) throw invalid(`${address} is not of the family ${family}`);
  return whole("prefix length", prefixLength, 0, family === "inet" ? 32 : 128);
}
