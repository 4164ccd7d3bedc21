import { canonicalAddress } from "ipvs-netlink";
import { z } from "zod";
import { invalid, oneWord, outOfRange, type ParsedValue, type ValueType, valid } from "../value-type.ts";
import { address } from "./address.ts";
import { choice } from "./choice.ts";
import { integer, port, UINT32_MAX } from "./integer.ts";
import { type Options, options } from "./options.ts";
import { interfaceName, wordText } from "./text.ts";

const anything = ["default", "default6", "any", "all"];

/** An address with or without the length of its prefix; `default` and `default6` are all of them. */
export const prefix: ValueType<string> = {
  name: "address[/length]",
  expected: "an address, perhaps with the length of its prefix: 192.0.2.10/24",
  shape: "word",
  parse: oneWord((word): ParsedValue<string> => {
    if (anything.includes(word)) return valid(word);
    const [bare = "", length, more] = word.split("/");
    const canonical = canonicalAddress(bare);
    if (canonical === null || more !== undefined) return invalid();
    if (length === undefined) return valid(canonical);
    if (!/^[0-9]{1,3}$/.test(length)) return invalid("the length of a prefix is a number");
    return Number(length) <= (canonical.includes(":") ? 128 : 32)
      ? valid(`${canonical}/${Number(length)}`)
      : outOfRange("the prefix is longer than the address");
  }),
  format: String,
  get input() {
    return z.string();
  },
};

const scope = choice(["global", "site", "link", "host", "nowhere"]);
const uint32 = integer(0, UINT32_MAX);
const number = (min: number, max: number) => integer(min, max);
/** A number or a name of /etc/iproute2. */
const named = wordText;

const addressOptions = {
  dev: interfaceName,
  scope,
  brd: wordText,
  broadcast: wordText,
  label: wordText,
  peer: prefix,
  home: "alone",
  "-nodad": "alone",
  mngtmpaddr: "alone",
  noprefixroute: "alone",
  autojoin: "alone",
  preferred_lft: wordText,
} as const;

const addressLine = (more: Parameters<typeof options>[0]["options"]): ValueType<Options> =>
  options({
    name: "address[/length] [dev ...] [scope ...] [label ...] ...",
    expected: 'an address with options as "ip address add" has them: 192.0.2.10/24 dev eth0 label eth0:1',
    unnamed: { address: prefix },
    needed: 1,
    options: { ...addressOptions, ...more },
  });

export const virtualAddress = addressLine({ no_track: "alone", use_vmac: "alone" });
export const staticAddress = addressLine({ track_group: wordText });

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
  src: prefix,
  via: address,
  gw: address,
  or: address,
  from: prefix,
  tos: named,
  dsfield: named,
  table: named,
  protocol: named,
  scope: named,
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
  rtt: { lockable: named },
  rttvar: { lockable: named },
  reordering: { lockable: uint32 },
  window: uint32,
  cwnd: { lockable: uint32 },
  ssthresh: { lockable: uint32 },
  realms: named,
  rto_min: { lockable: named },
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

const nexthop = options({
  name: "nexthop",
  expected: '"via" and "dev" of a next hop',
  unnamed: {},
  needed: 0,
  options: { via: address, dev: interfaceName, weight: number(1, 256), onlink: "alone", realms: named },
});

export interface Route {
  readonly route: Options;
  readonly nexthops: readonly Options[];
}

function routeLine(more: Parameters<typeof options>[0]["options"]): ValueType<Route> {
  const route = options({
    name: "[src address] [to] network [via address] [dev ...] ... [nexthop ...]",
    expected: 'a network with options as "ip route add" has them: 10.0.0.0/8 via 192.0.2.1 dev eth0',
    unnamed: { network: prefix },
    needed: 0,
    options: { ...routeOptions, ...more },
  });
  return {
    ...route,
    parse: (words) => {
      const [first = [], ...hops] = split(words, "nexthop");
      const parsed = route.parse(first);
      if (!parsed.ok) return parsed;
      if (!("network" in parsed.value || "to" in parsed.value)) return invalid("a route is to a network");
      const nexthops: Options[] = [];
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
    get input() {
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

export const virtualRoute = routeLine({ no_track: "alone" });
export const staticRoute = routeLine({ track_group: wordText });

const ruleLine = (more: Parameters<typeof options>[0]["options"]): ValueType<Options> =>
  options({
    name: "[from network] [to network] [table ...] [iif ...] [fwmark ...] ...",
    expected: 'conditions and an action as "ip rule add" has them: from 192.0.2.0/24 table 100 priority 1000',
    unnamed: {},
    needed: 0,
    options: {
      inet: "alone",
      inet6: "alone",
      not: "alone",
      from: prefix,
      to: prefix,
      table: named,
      lookup: named,
      preference: uint32,
      order: uint32,
      priority: uint32,
      tos: named,
      dsfield: named,
      fwmark: named,
      realms: named,
      suppress_prefixlength: number(0, 128),
      sup_pl: number(0, 128),
      suppress_ifgroup: named,
      sup_group: named,
      dev: interfaceName,
      iif: interfaceName,
      oif: interfaceName,
      "tunnel-id": named,
      uidrange: named,
      l3mdev: "alone",
      protocol: number(0, 255),
      ipproto: named,
      sport: named,
      dport: named,
      type: named,
      goto: uint32,
      nop: "alone",
      blackhole: "alone",
      unreachable: "alone",
      prohibit: "alone",
      ...more,
    },
  });

export const virtualRule = ruleLine({ no_track: "alone" });
export const staticRule = ruleLine({ track_group: wordText });

export const unicastPeer = options({
  name: "address [min_ttl 0-255] [max_ttl 0-255]",
  expected: "the address of a peer",
  unnamed: { address },
  needed: 1,
  options: { min_ttl: number(0, 255), max_ttl: number(0, 255) },
});

export interface GroupRange {
  readonly kind: "addresses";
  /** As written: an address, a prefix, or first and last address. */
  readonly range: string;
  readonly port: number | null;
}

export type GroupMember =
  | GroupRange
  | { readonly kind: "fwmark"; readonly fwmark: number; readonly family: "inet" | "inet6" | null };

/** A line of virtual_server_group. */
export const groupMember: ValueType<GroupMember> = {
  name: "address, range or prefix [port] | fwmark number [inet | inet6]",
  expected: 'an address, a range (192.0.2.1-10), a prefix and a port, or "fwmark" and a mark',
  shape: "words",
  parse: ([first, second, third, ...more]): ParsedValue<GroupMember> => {
    if (first === undefined) return { ok: false, code: "missing-value", word: 0, hint: null };
    if (more.length > 0 || (first !== "fwmark" && third !== undefined))
      return { ok: false, code: "too-many-values", word: first === "fwmark" ? 3 : 2, hint: null };
    if (first !== "fwmark") return rangeWithPort(first, second);
    const mark = integer(1, UINT32_MAX).parse(second === undefined ? [] : [second]);
    if (!mark.ok) return mark.code === "missing-value" ? mark : { ...mark, word: 1 };
    if (third !== undefined && third !== "inet" && third !== "inet6") return invalid("inet or inet6", 2);
    return valid({ kind: "fwmark", fwmark: mark.value, family: third ?? null });
  },
  format: (member) =>
    (member.kind === "fwmark" ? ["fwmark", member.fwmark, member.family] : [member.range, member.port])
      .filter((each) => each !== null)
      .join(" "),
  get input() {
    return z.string();
  },
};

function rangeWithPort(word: string, portWord: string | undefined): ParsedValue<GroupRange> {
  const [from = "", to, ...rest] = word.split("-");
  const start = prefix.parse([from]);
  const last = to === undefined || /^[0-9a-f]{1,4}$/i.test(to) || canonicalAddress(to) !== null;
  if (!start.ok || anything.includes(from) || !last || rest.length > 0 || (to !== undefined && from.includes("/")))
    return invalid("192.0.2.1, 192.0.2.1-10, 192.0.2.1-192.0.3.10 or 192.0.2.0/28");
  const parsedPort = portWord === undefined ? valid(null) : port.parse([portWord]);
  if (!parsedPort.ok) return { ...parsedPort, word: 1 };
  return valid({
    kind: "addresses",
    range: to === undefined ? start.value : `${start.value}-${to}`,
    port: parsedPort.value,
  });
}
