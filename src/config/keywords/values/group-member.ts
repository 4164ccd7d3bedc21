import { canonicalAddress } from "ipvs-netlink";
import { addressNumber, parseAddressRange } from "../../../net/address-range.ts";
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
  const range = parseAddressRange(word);
  if (range === null) return invalid(RANGE_HINT);
  // Of two whole addresses one range is of one, as keepalived has it.
  if (range.count < 1n || (range.count === 1n && canonicalAddress(to) === null))
    return invalid("the last address comes after the first");
  return valid(`${start.value}-${to}`);
}

/** The bits of an address behind its prefix; 0 without a prefix. */
function hostBits(word: string): bigint {
  const [address = "", length] = word.split("/");
  if (length === undefined) return 0n;
  const width = address.includes(":") ? 128 : 32;
  return addressNumber(address) & ((1n << BigInt(width - Number(length))) - 1n);
}
