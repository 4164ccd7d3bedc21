import { invalid, present as required, shortName } from "../checks.ts";
import { NetlinkError } from "../errors.ts";
import { cstring, s32, u8, u16, u32 } from "../netlink/attribute-types.ts";
import { attributes, nested } from "../netlink/attributes.ts";
import { Memory } from "../netlink/memory.ts";
import { linkLayerAddress, opaque } from "./attribute-types.ts";
import * as k from "./constants.ts";
import type {
  AddressGeneration,
  IpvlanIsolation,
  IpvlanMode,
  Link,
  LinkChange,
  LinkDetails,
  MacvlanMode,
  NewLink,
  OperState,
} from "./link.ts";

// RTM_*LINK (linux/if_link.h): struct ifinfomsg {family u8, pad u8, type u16, index s32, flags u32, change u32}, IFLA_*
//   LINKINFO: KIND string · DATA by kind · SLAVE_KIND, SLAVE_DATA of the master's kind
//   AF_SPEC: INET6: ADDR_GEN_MODE u8
const linkInfo = attributes({
  kind: [1, cstring],
  data: [2, opaque],
  slaveKind: [4, cstring],
  slaveData: [5, opaque],
});
const inet6Settings = attributes({ addressGeneration: [8, u8] });
const familySettings = attributes({ inet6: [10, nested(inet6Settings)] });

export const linkAttributes = attributes({
  mac: [1, linkLayerAddress],
  name: [3, cstring],
  mtu: [4, u32],
  parent: [5, s32],
  master: [10, u32],
  operState: [16, u8],
  info: [18, nested(linkInfo)],
  alias: [20, cstring],
  families: [26, nested(familySettings)],
  answerMask: [29, u32],
  parentNetnsId: [37, s32],
});

const macvlanData = attributes({ mode: [1, u32] });
const ipvlanData = attributes({ mode: [1, u16], flags: [2, u16] });
const vrfData = attributes({ table: [1, u32] });
const vlanData = attributes({ id: [1, u16] });

const MACVLAN_MODES: Record<MacvlanMode, number> = { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 };
const IPVLAN_MODES: Record<IpvlanMode, number> = { l2: 0, l3: 1, l3s: 2 };
const IPVLAN_FLAGS: Record<IpvlanIsolation, number> = { bridge: 0, private: 1, vepa: 2 };
const OPER_STATES: readonly OperState[] = [
  "unknown",
  "notpresent",
  "down",
  "lowerlayerdown",
  "testing",
  "dormant",
  "up",
];
const ADDRESS_GENERATIONS: Record<AddressGeneration, number> = { eui64: 0, none: 1, "stable-privacy": 2, random: 3 };

const IFNAMSIZ = 16;
const IFALIASZ = 256;
const NO_KIND_DATA_BYTES = 32;

/** Writes struct ifinfomsg and its attributes; answers the offset after them. */
function writeLink(
  memory: Memory,
  offset: number,
  header: { index: number; flags: number; change: number },
  values: Parameters<typeof linkAttributes.encode>[2],
): number {
  memory.setU32(offset, 0);
  memory.setI32(offset + 4, header.index);
  memory.setU32(offset + 8, header.flags);
  memory.setU32(offset + 12, header.change);
  return linkAttributes.encode(memory, offset + k.IFINFOMSG_BYTES, values);
}

/** RTM_NEWLINK that creates. Throws NetlinkError `invalid`. */
export function writeNewLink(memory: Memory, offset: number, link: NewLink): number {
  const { kind } = link.details;
  if ((kind === "macvlan" || kind === "ipvlan") && link.parent === undefined) throw invalid(`${kind} without a parent`);
  const flags = link.up ? k.IFF_UP : 0;
  return writeLink(
    memory,
    offset,
    { index: 0, flags, change: flags },
    {
      name: shortName("interface", link.name, IFNAMSIZ),
      mac: link.mac,
      parent: link.parent,
      info: { kind, data: encodeDetails(link.details) },
    },
  );
}

/** RTM_NEWLINK on an existing link. Throws NetlinkError `invalid`. */
export function writeLinkChange(memory: Memory, offset: number, index: number, change: LinkChange): number {
  const mode = change.addressGeneration;
  return writeLink(
    memory,
    offset,
    { index, flags: change.up ? k.IFF_UP : 0, change: change.up === undefined ? 0 : k.IFF_UP },
    {
      name: change.name === undefined ? undefined : shortName("interface", change.name, IFNAMSIZ),
      mac: change.mac,
      mtu: change.mtu,
      master: change.master,
      alias: aliasText(change.alias),
      families: mode === undefined ? undefined : { inet6: { addressGeneration: ADDRESS_GENERATIONS[mode] } },
    },
  );
}

/** RTM_DELLINK, or RTM_GETLINK of one link, by index or by name. */
export function writeLinkKey(memory: Memory, offset: number, key: number | string): number {
  const name = typeof key === "string" ? shortName("interface", key, IFNAMSIZ) : undefined;
  return writeLink(memory, offset, { index: typeof key === "number" ? key : 0, flags: 0, change: 0 }, { name });
}

/** RTM_GETLINK of all, without counters. */
export function writeLinkListing(memory: Memory, offset: number): number {
  return writeLink(memory, offset, { index: 0, flags: 0, change: 0 }, { answerMask: k.RTEXT_FILTER_SKIP_STATS });
}

function aliasText(alias: string | undefined): string | undefined {
  return alias === undefined || alias === "" ? alias : shortName("alias", alias, IFALIASZ);
}

function encodeDetails(details: NewLink["details"]): Memory | undefined {
  const memory = Memory.ofSize(NO_KIND_DATA_BYTES);
  switch (details.kind) {
    case "macvlan":
      return filled(memory, macvlanData.encode(memory, 0, { mode: MACVLAN_MODES[details.mode] }));
    case "ipvlan": {
      const values = { mode: IPVLAN_MODES[details.mode], flags: IPVLAN_FLAGS[details.isolation] };
      return filled(memory, ipvlanData.encode(memory, 0, values));
    }
    case "vrf":
      return filled(memory, vrfData.encode(memory, 0, { table: details.table }));
    case "dummy":
      return undefined;
  }
}

function filled(memory: Memory, bytes: number): Memory {
  return new Memory(memory.u8.subarray(0, bytes));
}

/** Reads RTM_NEWLINK or RTM_DELLINK. Throws NetlinkError `malformed`. */
export function decodeLink(memory: Memory, payload: number, end: number): Link {
  if (end - payload < k.IFINFOMSG_BYTES) throw new NetlinkError("malformed", "a link without its header");
  const flags = memory.getU32(payload + 8);
  const has = (flag: number) => (flags & flag) !== 0;
  const values = linkAttributes.decode(memory, payload + k.IFINFOMSG_BYTES, end);
  const { info } = values;
  return {
    index: memory.getI32(payload + 4),
    name: required("interface name", values.name),
    details: info?.kind === undefined ? null : decodeDetails(info.kind, info.data),
    mac: values.mac || null,
    mtu: values.mtu ?? 0,
    up: has(k.IFF_UP),
    lowerUp: has(k.IFF_LOWER_UP),
    operState: OPER_STATES[values.operState ?? 0] ?? "unknown",
    loopback: has(k.IFF_LOOPBACK),
    multicast: has(k.IFF_MULTICAST),
    noArp: has(k.IFF_NOARP),
    pointToPoint: has(k.IFF_POINTOPOINT),
    // A link in another namespace may have index 0 or the own index of a tunnel without a device: both mean none.
    parent: values.parent || null,
    parentNetnsId: values.parentNetnsId ?? null,
    master: values.master || null,
    alias: values.alias || null,
    vrfTable: info?.slaveKind === "vrf" && info.slaveData ? (tableOf(info.slaveData) ?? null) : null,
  };
}

function decodeDetails(kind: string, data: Memory | undefined): LinkDetails {
  if (data === undefined) return { kind: "other", name: kind };
  switch (kind) {
    case "macvlan":
      return { kind, mode: named(MACVLAN_MODES, macvlanData.decode(data, 0, data.size).mode) ?? "source" };
    case "ipvlan": {
      const { mode, flags = 0 } = ipvlanData.decode(data, 0, data.size);
      return { kind, mode: named(IPVLAN_MODES, mode) ?? "l2", isolation: named(IPVLAN_FLAGS, flags) ?? "bridge" };
    }
    case "vrf":
      return { kind, table: tableOf(data) ?? 0 };
    case "vlan":
      return { kind, id: vlanData.decode(data, 0, data.size).id ?? 0 };
    default:
      return { kind: "other", name: kind };
  }
}

/** IFLA_VRF_TABLE and IFLA_VRF_PORT_TABLE have the same number. */
function tableOf(data: Memory): number | undefined {
  return vrfData.decode(data, 0, data.size).table;
}

function named<K extends string>(numbers: Record<K, number>, number: number | undefined): K | undefined {
  return (Object.keys(numbers) as K[]).find((name) => numbers[name] === number);
}
