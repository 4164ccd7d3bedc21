import { further, invalid, type ValueType, valid } from "../value-type.ts";
import { address } from "./address.ts";
import { choice } from "./choice.ts";
import { encapsulation } from "./encapsulation.ts";
import { integer, UINT32_MAX } from "./integer.ts";
import { metricTime } from "./network.ts";
import { realms, routingTable, scope, typeOfService } from "./network-words.ts";
import { type Options, options } from "./options.ts";
import { prefix } from "./prefix.ts";
import { interfaceName, wordText } from "./text.ts";

const uint32 = integer(0, UINT32_MAX);
const number = (min: number, max: number) => integer(min, max);
/** A number or a name of /etc/iproute2. */
const named = wordText;

const routeTypes = {
  unicast: "alone",
  local: "alone",
  broadcast: "alone",
  anycast: "alone",
  multicast: "alone",
  blackhole: "alone",
  unreachable: "alone",
  prohibit: "alone",
  throw: "alone",
  nat: "alone",
} as const;

const routeOptions = {
  ...routeTypes,
  to: prefix,
  inet: "alone",
  inet6: "alone",
  src: address,
  via: address,
  gw: address,
  or: address,
  from: prefix,
  tos: typeOfService,
  dsfield: typeOfService,
  table: routingTable,
  protocol: named,
  scope,
  metric: uint32,
  priority: uint32,
  preference: uint32,
  dev: interfaceName,
  oif: interfaceName,
  onlink: "alone",
  expires: uint32,
  mtu: { lockable: uint32 },
  hoplimit: number(0, 255),
  advmss: { lockable: uint32 },
  // linux/rtnetlink.h: RTAX_RTT in 1/8 ms, RTAX_RTTVAR in 1/4 ms.
  rtt: { lockable: metricTime(8) },
  rttvar: { lockable: metricTime(4) },
  reordering: { lockable: uint32 },
  window: uint32,
  cwnd: { lockable: uint32 },
  ssthresh: { lockable: uint32 },
  realms,
  rto_min: { lockable: metricTime(1) },
  initcwnd: uint32,
  initrwnd: uint32,
  features: choice(["ecn"]),
  quickack: number(0, 1),
  congctl: { lockable: named },
  pref: choice(["low", "medium", "high"]),
  "ttl-propagate": choice(["enabled", "disabled"]),
  fastopen_no_cookie: number(0, 1),
  add: "alone",
  prepend: "alone",
  append: "alone",
  vrf: interfaceName,
} as const;

const hopOptionTypes = {
  via: address,
  dev: interfaceName,
  weight: number(1, 256),
  onlink: "alone",
  realms,
} as const;

const hopOptions = options({
  name: "nexthop",
  expected: '"via" and "dev" of a next hop',
  unnamed: {},
  needed: 0,
  options: hopOptionTypes,
});
const nexthop = withEncapsulation(hopOptions);

interface Encapsulated {
  readonly encap?: string;
}

/** Options of a line, and what `encap` has behind it, which is of several words. */
function withEncapsulation<T extends object>(type: ValueType<T>): ValueType<T & Encapsulated> {
  const plain = type as ValueType<object>;
  return {
    ...type,
    parse: (words) => {
      const at = words.indexOf("encap");
      if (at < 0) return type.parse(words);
      const encap = encapsulation(words.slice(at + 1));
      if (!encap.ok) return { ...further(encap, at + 1), code: "invalid-value" };
      const behind = at + 1 + encap.value.length;
      const parsed = type.parse([...words.slice(0, at), ...words.slice(behind)]);
      if (!parsed.ok) return parsed.word < at ? parsed : further(parsed, behind - at);
      return valid({ ...parsed.value, encap: encap.value.join(" ") } as T & Encapsulated);
    },
    format: ({ encap, ...value }) =>
      [plain.format(value), ...(encap === undefined ? [] : [`encap ${encap}`])].join(" "),
  };
}

const ending = { no_track: "alone", track_group: wordText } as const;
const everyOption = { network: prefix, ...routeOptions, ...ending };

/** What was written of a route. */
export interface Route {
  readonly route: Options<typeof everyOption> & Encapsulated;
  readonly nexthops: readonly (Options<typeof hopOptionTypes> & Encapsulated)[];
}

function routeLine(more: Partial<typeof ending>): ValueType<Route> {
  const plain = options({
    name: "[src address] [to] network [via address] [dev ...] ... [nexthop ...]",
    expected: 'a network with options as "ip route add" has them: 10.0.0.0/8 via 192.0.2.1 dev eth0',
    unnamed: { network: prefix },
    needed: 0,
    options: { ...routeOptions, ...more },
  });
  const route = withEncapsulation(plain);
  return {
    ...route,
    parse: (words) => {
      const [first = [], ...hops] = split(words, "nexthop");
      const parsed = route.parse(first);
      if (!parsed.ok) return parsed;
      if (!("network" in parsed.value || "to" in parsed.value)) return invalid("a route is to a network");
      const nexthops: Route["nexthops"][number][] = [];
      let at = first.length;
      for (const hop of hops) {
        const inner = nexthop.parse(hop);
        if (!inner.ok)
          return inner.code === "missing-value" ? invalid(null, at) : { ...inner, word: at + 1 + inner.word };
        nexthops.push(inner.value);
        at += hop.length + 1;
      }
      return valid({ route: parsed.value, nexthops });
    },
    format: (value) =>
      [route.format(value.route), ...value.nexthops.map((hop) => `nexthop ${nexthop.format(hop)}`)].join(" "),
    input(z) {
      return z.string();
    },
  };
}

function split(words: readonly string[], at: string): string[][] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (word === at) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}

export const virtualRoute = routeLine({ no_track: ending.no_track });
export const staticRoute = routeLine({ track_group: ending.track_group });
