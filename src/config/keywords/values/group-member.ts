import { canonicalAddress } from "ipvs-netlink";

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
