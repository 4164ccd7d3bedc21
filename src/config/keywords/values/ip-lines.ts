import type { ValueType } from "../value-type.ts";
import { address } from "./address.ts";
import { integer, UINT32_MAX } from "./integer.ts";
import {
  addressLabel,
  broadcast,
  lifetime,
  mark,
  numberRange,
  protocolNumber,
  realms,
  routingTable,
  scope,
  typeOfService,
} from "./network-words.ts";
import { type Options, options } from "./options.ts";
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
      "tunnel-id": uint32,
      uidrange: numberRange,
      l3mdev: "alone",
      protocol: number(0, 255),
      ipproto: protocolNumber,
      sport: numberRange,
      dport: numberRange,
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
