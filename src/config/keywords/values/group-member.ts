import { ADDRESS_BYTES, addressFamily, canonicalAddress, formatAddress, parseAddress } from "ipvs-netlink";
import { invalid, type ParsedValue, type ValueType, valid } from "../value-type.ts";
import { integer, port, UINT32_MAX } from "./integer.ts";
import { anything, prefix } from "./prefix.ts";

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
  input(z) {
    return z.string();
  },
};

const RANGE_HINT = "192.0.2.1, 192.0.2.1-10, 192.0.2.1-192.0.3.10 or 192.0.2.0/28";

function rangeWithPort(word: string, portWord: string | undefined): ParsedValue<GroupRange> {
  const range = addressRange(word);
  if (!range.ok) return range;
  const parsedPort = portWord === undefined ? valid(null) : port.parse([portWord]);
  if (!parsedPort.ok) return { ...parsedPort, word: 1 };
  return valid({ kind: "addresses", range: range.value, port: parsedPort.value });
}

function addressRange(word: string): ParsedValue<string> {
  const [from = "", to, ...rest] = word.split("-");
  const start = prefix.parse([from]);
  if (!start.ok || anything.includes(from) || rest.length > 0) return invalid(RANGE_HINT);
  if (to === undefined) return hostBits(from) === 0n ? start : invalid("the address has bits behind its prefix");
  if (from.includes("/")) return invalid(RANGE_HINT);
  const last = lastOctet(start.value, to) ?? canonicalAddress(to);
  if (last === null || addressFamily(last) !== addressFamily(start.value)) return invalid(RANGE_HINT);
  const order = numberOf(last) - numberOf(start.value);
  // Of two whole addresses one range is of one, as keepalived has it.
  if (order < 0n || (order === 0n && last !== canonicalAddress(to)))
    return invalid("the last address comes after the first");
  return valid(`${start.value}-${to}`);
}

/** The address with its last part replaced: decimal in IPv4, hexadecimal in IPv6. Null for what is no such part. */
function lastOctet(first: string, word: string): string | null {
  if (!first.includes(":")) return /^[0-9]{1,3}$/.test(word) ? canonicalAddress(first.replace(/[0-9]+$/, word)) : null;
  if (!/^[0-9a-f]{1,4}$/i.test(word)) return null;
  const octets = (parseAddress(first) as Uint8Array).slice();
  const part = Number.parseInt(word, 16);
  octets.set([part >> 8, part & 0xff], octets.length - 2);
  return formatAddress("inet6", octets);
}

/** The bits of an address behind its prefix; 0 without a prefix. */
function hostBits(word: string): bigint {
  const [address = "", length] = word.split("/");
  if (length === undefined) return 0n;
  const width = address.includes(":") ? 128 : 32;
  return numberOf(address) & ((1n << BigInt(width - Number(length))) - 1n);
}

function numberOf(address: string): bigint {
  // An IPv4 address is the first four of its octets.
  const octets = (parseAddress(address) as Uint8Array).subarray(0, address.includes(":") ? ADDRESS_BYTES : 4);
  return octets.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
}
