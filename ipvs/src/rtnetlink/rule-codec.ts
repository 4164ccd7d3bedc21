import { invalid, MAX_U32, shortName, whole } from "../checks.ts";
import { NetlinkError } from "../errors.ts";
import { cstring, u8, u32 } from "../netlink/attribute-types.ts";
import { attributes } from "../netlink/attributes.ts";
import type { Memory } from "../netlink/memory.ts";
import { be64Text, familyNumber, familyOfNumber, ipAddress, words } from "./attribute-types.ts";
import * as k from "./constants.ts";
import { prefix, realmsNumber, realmsOf } from "./route-codec.ts";
import type { NumberRange, Rule, RuleAction } from "./rule.ts";

// RTM_*RULE (linux/fib_rules.h): struct fib_rule_hdr {family, dst_len, src_len, tos, table, res1, res2, action: u8, flags u32}, FRA_*
export const ruleAttributes = attributes({
  to: [1, ipAddress],
  from: [2, ipAddress],
  iif: [3, cstring],
  goto: [4, u32],
  priority: [6, u32],
  mark: [10, u32],
  realms: [11, u32],
  tunnelId: [12, be64Text],
  suppressGroup: [13, u32],
  suppressPrefixLength: [14, u32],
  table: [15, u32],
  mask: [16, u32],
  oif: [17, cstring],
  l3mdev: [19, u8],
  uidRange: [20, words("struct fib_rule_uid_range", 4, 2)],
  protocol: [21, u8],
  ipProto: [22, u8],
  sport: [23, words("struct fib_rule_port_range", 2, 2)],
  dport: [24, words("struct fib_rule_port_range", 2, 2)],
});

const FR_ACT_TO_TBL = 1;
const FR_ACT_GOTO = 2;
const ACTIONS: Record<RuleAction["kind"], number> = {
  table: FR_ACT_TO_TBL,
  l3mdev: FR_ACT_TO_TBL,
  goto: FR_ACT_GOTO,
  nop: 3,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
};
const IFNAMSIZ = 16;

/** RTM_NEWRULE or RTM_DELRULE. Throws NetlinkError `invalid`. */
export function writeRule(memory: Memory, offset: number, rule: Rule): number {
  const { family, from, to, action, fwmark } = rule;
  const table = action.kind === "table" ? whole("table", action.table, 1, MAX_U32) : 0;
  memory.u8[offset] = familyNumber(family);
  memory.u8[offset + 1] = to ? prefix(to, family) : 0;
  memory.u8[offset + 2] = from ? prefix(from, family) : 0;
  memory.u8[offset + 3] = whole("tos", rule.tos, 0, 255);
  memory.u8[offset + 4] = table < 256 ? table : k.RT_TABLE_COMPAT;
  memory.u8[offset + 5] = 0;
  memory.u8[offset + 6] = 0;
  memory.u8[offset + 7] = ACTIONS[action.kind];
  memory.setU32(offset + 8, rule.not ? k.FIB_RULE_INVERT : 0);
  return ruleAttributes.encode(memory, offset + k.FIB_RULE_HDR_BYTES, {
    to: to && to.prefixLength > 0 ? to.address : undefined,
    from: from && from.prefixLength > 0 ? from.address : undefined,
    iif: interfaceText(rule.iif),
    oif: interfaceText(rule.oif),
    goto: action.kind === "goto" ? whole("goto", action.priority, 0, MAX_U32) : undefined,
    priority: whole("priority", rule.priority, 0, MAX_U32),
    mark: fwmark ? whole("fwmark", fwmark.mark, 0, MAX_U32) : undefined,
    mask: fwmark ? whole("mask", fwmark.mask, 0, MAX_U32) : undefined,
    realms: realmsNumber(rule.realms),
    tunnelId: rule.tunnelId ?? undefined,
    suppressGroup: optional("suppress_ifgroup", rule.suppressGroup, MAX_U32),
    suppressPrefixLength: optional("suppress_prefixlength", rule.suppressPrefixLength, 128),
    table: table < 256 ? undefined : table,
    l3mdev: action.kind === "l3mdev" ? 1 : undefined,
    uidRange: range("uid", rule.uidRange, MAX_U32),
    protocol: whole("protocol", rule.protocol, 0, 255),
    ipProto: optional("ipproto", rule.ipProto, 255),
    sport: range("port", rule.sport, 0xffff),
    dport: range("port", rule.dport, 0xffff),
  });
}

/** RTM_GETRULE of all of a family, or of every family for 0. */
export function writeRuleListing(memory: Memory, offset: number, family: number): number {
  for (let at = offset; at < offset + k.FIB_RULE_HDR_BYTES; at += 4) memory.setU32(at, 0);
  memory.u8[offset] = family;
  return offset + k.FIB_RULE_HDR_BYTES;
}

/** Null for a family or action without a name here. Throws NetlinkError `malformed`. */
export function decodeRule(memory: Memory, payload: number, end: number): Rule | null {
  if (end - payload < k.FIB_RULE_HDR_BYTES) throw new NetlinkError("malformed", "a rule without its header");
  const at = (index: number) => memory.u8[payload + index] as number;
  const family = familyOfNumber(at(0));
  if (family === null) return null;
  const values = ruleAttributes.decode(memory, payload + k.FIB_RULE_HDR_BYTES, end);
  const action = actionOf(at(7), at(4), values);
  if (action === null) return null;
  const { mark = 0, mask = 0, suppressPrefixLength: length, suppressGroup: group } = values;
  return {
    family,
    action,
    priority: values.priority ?? 0,
    not: (memory.getU32(payload + 8) & k.FIB_RULE_INVERT) !== 0,
    from: values.from === undefined ? null : { address: values.from, prefixLength: at(2) },
    to: values.to === undefined ? null : { address: values.to, prefixLength: at(1) },
    tos: at(3),
    fwmark: mark === 0 && mask === 0 ? null : { mark, mask },
    realms: realmsOf(values.realms),
    iif: values.iif ?? null,
    oif: values.oif ?? null,
    suppressPrefixLength: length === undefined || length === UNSET ? null : length,
    suppressGroup: group === undefined || group === UNSET ? null : group,
    tunnelId: values.tunnelId ?? null,
    uidRange: rangeOf(values.uidRange),
    protocol: values.protocol ?? 0,
    ipProto: values.ipProto || null,
    sport: rangeOf(values.sport),
    dport: rangeOf(values.dport),
  };
}

/** -1 of the kernel. */
const UNSET = 0xffff_ffff;

function actionOf(
  action: number,
  shortTable: number,
  { table, goto = 0, l3mdev }: ReturnType<typeof ruleAttributes.decode>,
): RuleAction | null {
  if (action === FR_ACT_TO_TBL) return l3mdev ? { kind: "l3mdev" } : { kind: "table", table: table ?? shortTable };
  if (action === FR_ACT_GOTO) return { kind: "goto", priority: goto };
  const kind = (["nop", "blackhole", "unreachable", "prohibit"] as const).find((name) => ACTIONS[name] === action);
  return kind === undefined ? null : { kind };
}

function interfaceText(name: string | null): string | undefined {
  return name === null ? undefined : shortName("interface", name, IFNAMSIZ);
}

function optional(what: string, value: number | null, most: number): number | undefined {
  return value === null ? undefined : whole(what, value, 0, most);
}

function range(what: string, value: NumberRange | null, most: number): readonly number[] | undefined {
  if (value === null) return undefined;
  if (value.from > value.to) throw invalid(`${what} range ${value.from}-${value.to} is the wrong way round`);
  return [whole(what, value.from, 0, most), whole(what, value.to, 0, most)];
}

function rangeOf(value: readonly number[] | undefined): NumberRange | null {
  return value === undefined ? null : { from: value[0] as number, to: value[1] as number };
}
