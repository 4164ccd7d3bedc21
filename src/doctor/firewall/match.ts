import { isObject } from "../../files/is-object.ts";
import { networkContains } from "../../net/network.ts";

/** A packet as far as it is known; null: it may be anything. */
export interface Packet {
  readonly family: "inet" | "inet6";
  readonly protocol: number;
  readonly hook: "input" | "output";
  readonly interface: string | null;
  readonly source: string | null;
  readonly destination: string | null;
  readonly isMulticast: boolean;
}

/** On its way through the rules. */
export interface MarkedPacket extends Packet {
  /** Of netfilter; null: it cannot be told. */
  readonly mark: number | null;
}

/** `null`: it cannot be told. */
export type Matched = boolean | null;

/** Whether a packet matches `{op, left, right}` of nft. Elements of named sets come from `setOf`. */
export function matches(
  match: unknown,
  packet: MarkedPacket,
  setOf: (name: string) => readonly unknown[] | null,
): Matched {
  if (!isObject(match)) return null;
  const { op, right } = match;
  const { operand: left, mask } = withoutMask(match.left);
  const whole = packetValue(left, packet);
  const value = mask === null || whole === null ? whole : typeof whole === "number" ? maskedBy(whole, mask) : null;
  if (value === null) return null;
  const found = isIn(value, right, setOf);
  if (op === "==" || op === "in") return found;
  if (op === "!=") return found === null ? null : !found;
  return null;
}

/** `{"&": [operand, mask]}`; a mask that is no number hides all. */
function withoutMask(left: unknown): { readonly operand: unknown; readonly mask: number | null } {
  const and = isObject(left) ? left["&"] : null;
  if (!Array.isArray(and)) return { operand: left, mask: null };
  return Number.isSafeInteger(and[1]) ? { operand: and[0], mask: Number(and[1]) } : { operand: null, mask: null };
}

function maskedBy(value: number, mask: number): number {
  return Number(BigInt(value) & BigInt(mask));
}

type Value = string | number;

/** Null: unknown. */
function packetValue(left: unknown, packet: MarkedPacket): Value | null {
  if (!isObject(left)) return null;
  if (isObject(left.meta)) return metaValue(String(left.meta.key), packet);
  if (isObject(left.payload)) return payloadValue(String(left.payload.protocol), String(left.payload.field), packet);
  // An advert has no answer: every one is new for connection tracking.
  if (isObject(left.ct)) return left.ct.key === "state" ? "new" : null;
  return null;
}

function metaValue(key: string, packet: MarkedPacket): Value | null {
  const isInput = packet.hook === "input";
  switch (key) {
    case "l4proto":
      return packet.protocol;
    case "nfproto":
      return packet.family === "inet" ? "ipv4" : "ipv6";
    case "protocol":
      return packet.family === "inet" ? "ip" : "ip6";
    case "iif":
    case "iifname":
      return isInput ? packet.interface : "";
    case "oif":
    case "oifname":
      return isInput ? "" : packet.interface;
    case "pkttype":
      return packet.isMulticast ? "multicast" : null;
    case "mark":
      return packet.mark;
    default:
      return null;
  }
}

/** A payload of another protocol is in no advert: nothing matches it. */
const OTHER_PAYLOAD = "(none)";

function payloadValue(protocol: string, field: string, packet: MarkedPacket): Value | null {
  const own = packet.family === "inet" ? "ip" : "ip6";
  if (protocol === "ip" || protocol === "ip6") {
    if (protocol !== own) return OTHER_PAYLOAD;
    if (field === "protocol" || field === "nexthdr") return packet.protocol;
    if (field === "saddr") return packet.source;
    if (field === "daddr") return packet.destination;
    return null;
  }
  return ["tcp", "udp", "th", "icmp", "icmpv6", "sctp", "dccp", "igmp"].includes(protocol) ? OTHER_PAYLOAD : null;
}

/** IP protocols as nft names them. */
const protocols: Readonly<Record<string, number>> = {
  ...{ icmp: 1, igmp: 2, tcp: 6, udp: 17, dccp: 33, gre: 47, esp: 50, ah: 51, "ipv6-icmp": 58, icmpv6: 58 },
  ...{ ospf: 89, pim: 103, comp: 108, vrrp: 112, sctp: 132, udplite: 136 },
};

function isIn(value: Value, right: unknown, setOf: (name: string) => readonly unknown[] | null): Matched {
  if (typeof right === "number") return Number(value) === right;
  if (typeof right === "string") {
    if (right.startsWith("@")) {
      const elements = setOf(right.slice(1));
      return elements === null ? null : isAnyOf(value, elements, setOf);
    }
    if (typeof value === "number") return Object.hasOwn(protocols, right) ? protocols[right] === value : null;
    return right.endsWith("*") ? value.startsWith(right.slice(0, -1)) : value === right;
  }
  if (Array.isArray(right)) return isAnyOf(value, right, setOf);
  if (!isObject(right)) return null;
  if (Array.isArray(right.set)) return isAnyOf(value, right.set, setOf);
  if (isObject(right.prefix)) return isInPrefix(value, right.prefix);
  if (isObject(right.elem)) return isIn(value, right.elem.val, setOf);
  if (Array.isArray(right.range) && typeof value === "number") {
    const [from, to] = right.range.map(Number);
    return value >= (from ?? Number.NaN) && value <= (to ?? Number.NaN);
  }
  return null;
}

function isAnyOf(
  value: Value,
  elements: readonly unknown[],
  setOf: (name: string) => readonly unknown[] | null,
): Matched {
  const each = elements.map((element) => isIn(value, element, setOf));
  return each.includes(true) ? true : each.includes(null) ? null : false;
}

function isInPrefix(value: Value, { addr, len }: Readonly<Record<string, unknown>>): Matched {
  if (typeof addr !== "string" || typeof len !== "number" || typeof value !== "string") return null;
  if (value.includes(":") !== addr.includes(":")) return false;
  return networkContains({ address: addr, prefixLength: len }, value);
}
