import { address } from "./address.ts";
import { choice } from "./choice.ts";
import { integer, UINT32_MAX } from "./integer.ts";
import { hostPrefix, lifetime, mark, numberRange, tunnelId } from "./network.ts";
import {
  addressLabel,
  broadcast,
  protocolNumber,
  realms,
  routingTable,
  scope,
  typeOfService,
} from "./network-words.ts";
import { options } from "./options.ts";
import { prefix } from "./prefix.ts";
import { interfaceName, wordText } from "./text.ts";

const uint32 = integer(0, UINT32_MAX);
const number = (min: number, max: number) => integer(min, max);
/** A number or a name of /etc/iproute2. */
const named = wordText;

const addressOptions = {
  dev: interfaceName,
  scope,
  brd: broadcast,
  broadcast,
  label: addressLabel,
  peer: address,
  home: "alone",
  "-nodad": "alone",
  mngtmpaddr: "alone",
  noprefixroute: "alone",
  autojoin: "alone",
  preferred_lft: lifetime,
} as const;

const addressLine = {
  name: "address[/length] [dev ...] [scope ...] [label ...] ...",
  expected: 'an address with options as "ip address add" has them: 192.0.2.10/24 dev eth0 label eth0:1',
  unnamed: { address: hostPrefix },
  needed: 1,
} as const;

export const virtualAddress = options({
  ...addressLine,
  options: { ...addressOptions, no_track: "alone", use_vmac: "alone" },
});
export const staticAddress = options({ ...addressLine, options: { ...addressOptions, track_group: wordText } });

const ruleLine = {
  name: "[from network] [to network] [table ...] [iif ...] [fwmark ...] ...",
  expected: 'conditions and an action as "ip rule add" has them: from 192.0.2.0/24 table 100 priority 1000',
  unnamed: {},
  needed: 0,
} as const;

const ruleOptions = {
  inet: "alone",
  inet6: "alone",
  not: "alone",
  from: prefix,
  to: prefix,
  table: routingTable,
  lookup: routingTable,
  preference: uint32,
  order: uint32,
  priority: uint32,
  tos: typeOfService,
  dsfield: typeOfService,
  fwmark: mark,
  realms,
  suppress_prefixlength: number(0, 128),
  sup_pl: number(0, 128),
  suppress_ifgroup: named,
  sup_group: named,
  dev: interfaceName,
  iif: interfaceName,
  oif: interfaceName,
  "tunnel-id": tunnelId,
  uidrange: numberRange(0, UINT32_MAX - 1),
  l3mdev: "alone",
  protocol: number(0, 255),
  ipproto: protocolNumber,
  sport: numberRange(1, 65_535),
  dport: numberRange(1, 65_535),
  type: choice(["blackhole", "unreachable", "prohibit", "nop"]),
  goto: uint32,
  nop: "alone",
  blackhole: "alone",
  unreachable: "alone",
  prohibit: "alone",
} as const;

export const virtualRule = options({ ...ruleLine, options: { ...ruleOptions, no_track: "alone" } });
export const staticRule = options({ ...ruleLine, options: { ...ruleOptions, track_group: wordText } });

export const unicastPeer = options({
  name: "address [min_ttl 0-255] [max_ttl 0-255]",
  expected: "the address of a peer",
  unnamed: { address },
  needed: 1,
  options: { min_ttl: number(0, 255), max_ttl: number(0, 255) },
});
