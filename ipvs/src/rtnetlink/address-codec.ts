import { MAX_U32, present as required, shortName, whole } from "../checks.ts";
import { NetlinkError } from "../errors.ts";
import { cstring, u8, u32 } from "../netlink/attribute-types.ts";
import { attributes } from "../netlink/attributes.ts";
import type { Memory } from "../netlink/memory.ts";
import { addressFamily } from "../table.ts";
import { familyNumber, familyOfNumber, ipAddress, words } from "./attribute-types.ts";
import * as k from "./constants.ts";
import type { AddressEntry, AddressFlag, AddressKey, AddressSettings } from "./ip-address.ts";

// RTM_*ADDR (linux/if_addr.h): struct ifaddrmsg {family u8, prefix u8, flags u8, scope u8, index u32}, IFA_*
//   IPv4: LOCAL is the address, ADDRESS the peer or the address again.
//   IPv6: ADDRESS is the address; with a peer, LOCAL is the address and ADDRESS the peer.
export const addressAttributes = attributes({
  address: [1, ipAddress],
  local: [2, ipAddress],
  label: [3, cstring],
  broadcast: [4, ipAddress],
  /** preferred, valid, created, updated: seconds, then hundredths since boot. */
  lifetimes: [6, words("struct ifa_cacheinfo", 4, 4)],
  flags: [8, u32],
  protocol: [11, u8],
});

const FLAGS: readonly (readonly [AddressFlag, number])[] = [
  ["home", 0x10],
  ["nodad", 0x02],
  ["mngtmpaddr", 0x100],
  ["noprefixroute", 0x200],
  ["autojoin", 0x400],
];
const IFA_F_SECONDARY = 0x01;
const IFA_F_DADFAILED = 0x08;
const IFA_F_DEPRECATED = 0x20;
const IFA_F_TENTATIVE = 0x40;
const IFA_F_PERMANENT = 0x80;

const IFNAMSIZ = 16;

/** RTM_NEWADDR. Throws NetlinkError `invalid`. */
export function writeAddress(memory: Memory, offset: number, address: AddressSettings): number {
  const { label, broadcast, protocol } = address;
  let flags = 0;
  for (const [name, bit] of FLAGS) if (address.flags.includes(name)) flags |= bit;
  const preferred = lifetime("preferred lifetime", address.preferredLifetimeS);
  const valid = lifetime("valid lifetime", address.validLifetimeS);
  return write(memory, offset, address, whole("scope", address.scope, 0, 255), {
    label: label === null ? undefined : shortName("label", label, IFNAMSIZ),
    broadcast: broadcast ?? undefined,
    lifetimes: preferred === k.INFINITE_LIFETIME && valid === preferred ? undefined : [preferred, valid, 0, 0],
    flags: flags === 0 ? undefined : flags,
    protocol: protocol === null ? undefined : whole("protocol", protocol, 0, 255),
  });
}

/** RTM_DELADDR. Throws NetlinkError `invalid`. */
export function writeAddressKey(memory: Memory, offset: number, key: AddressKey): number {
  return write(memory, offset, key, 0, {});
}

function write(
  memory: Memory,
  offset: number,
  { interface: index, address, prefixLength, peer }: AddressKey,
  scope: number,
  values: Parameters<typeof addressAttributes.encode>[2],
): number {
  const family = addressFamily(address);
  memory.u8[offset] = familyNumber(family);
  memory.u8[offset + 1] = whole("prefix length", prefixLength, 0, family === "inet" ? 32 : 128);
  memory.u8[offset + 2] = 0;
  memory.u8[offset + 3] = scope;
  memory.setU32(offset + 4, index);
  // devinet deletes the first address that matches what is given: both, so that it is the one meant.
  const local = family === "inet" || peer !== null ? address : undefined;
  return addressAttributes.encode(memory, offset + k.IFADDRMSG_BYTES, { address: peer ?? address, local, ...values });
}

/** RTM_GETADDR of all, or of one interface (filtered by the kernel with NETLINK_GET_STRICT_CHK). */
export function writeAddressListing(memory: Memory, offset: number, family: number, index: number): number {
  memory.setU32(offset, 0);
  memory.u8[offset] = family;
  memory.setU32(offset + 4, index);
  return offset + k.IFADDRMSG_BYTES;
}

/** Null for a family without a name here. Throws NetlinkError `malformed`. */
export function decodeAddress(memory: Memory, payload: number, end: number): AddressEntry | null {
  if (end - payload < k.IFADDRMSG_BYTES) throw new NetlinkError("malformed", "an address without its header");
  const family = familyOfNumber(memory.u8[payload] as number);
  if (family === null) return null;
  const values = addressAttributes.decode(memory, payload + k.IFADDRMSG_BYTES, end);
  const flags = values.flags ?? (memory.u8[payload + 2] as number);
  const address = required("address", values.local ?? values.address);
  const other = values.local === undefined ? undefined : values.address;
  const [preferred = k.INFINITE_LIFETIME, valid = k.INFINITE_LIFETIME] = values.lifetimes ?? [];
  return {
    interface: memory.getU32(payload + 4),
    address,
    prefixLength: memory.u8[payload + 1] as number,
    peer: other === undefined || other === address ? null : other,
    scope: memory.u8[payload + 3] as number,
    broadcast: values.broadcast ?? null,
    label: values.label ?? null,
    preferredLifetimeS: preferred === k.INFINITE_LIFETIME ? null : preferred,
    validLifetimeS: valid === k.INFINITE_LIFETIME ? null : valid,
    flags: FLAGS.filter(([, bit]) => flags & bit).map(([name]) => name),
    protocol: values.protocol || null,
    secondary: family === "inet" && (flags & IFA_F_SECONDARY) !== 0,
    tentative: (flags & IFA_F_TENTATIVE) !== 0,
    dadFailed: (flags & IFA_F_DADFAILED) !== 0,
    deprecated: (flags & IFA_F_DEPRECATED) !== 0,
    permanent: (flags & IFA_F_PERMANENT) !== 0,
  };
}

function lifetime(what: string, seconds: number | null): number {
  return seconds === null ? k.INFINITE_LIFETIME : whole(what, seconds, 0, MAX_U32 - 1);
}
