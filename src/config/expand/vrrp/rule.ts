import type { AddressFamily } from "ipvs-netlink";
import type { WrittenVrrpInstance } from "../../keywords/table.ts";
import type { RuleAction, Tracking, VirtualRule } from "../../network-model.ts";
import { trackingOf } from "./address.ts";
import { familyOf, type Line, networkOf, refusedSince, resolveName, type VrrpContext } from "./context.ts";
import { expandRealms } from "./route.ts";

/** What lines of virtual_rules and of static_rules may hold. */
export type RuleLine = NonNullable<WrittenVrrpInstance["virtual_rules"]>[number] & { readonly track_group?: string };

/** /etc/protocols, as far as rules are made for them. */
const ipProtocols: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  dccp: 33,
  gre: 47,
  esp: 50,
  ah: 51,
  "ipv6-icmp": 58,
  icmpv6: 58,
  ospf: 89,
  vrrp: 112,
  sctp: 132,
  udplite: 136,
};

/** A rule with everything resolved; null, and said, when it is none. */
export function expandRule(
  written: RuleLine,
  tracking: Tracking,
  line: Line,
  context: VrrpContext,
): VirtualRule | null {
  const before = context.problems.length;
  const family = ruleFamily(written, line, context);
  const action = ruleAction(written, line, context);
  const named = (word: string | undefined, table: "dsfields" | "groups", max: number) =>
    word === undefined ? null : resolveName(word, table, max, line, context);
  const tracked = trackingOf(written, tracking);
  const protocol = written.protocol ?? null;
  if (protocol !== null && tracked.kind !== "none") {
    const message = "a rule that is watched has our protocol number: that is how it is known as ours";
    context.problems.push({ ...line, code: "corrected-setting", message, hint: "leave out protocol, or add no_track" });
  }
  const expanded = {
    not: written.not === true,
    tos: named(written.tos ?? written.dsfield, "dsfields", 255) ?? 0,
    fwmark: written.fwmark ?? null,
    realms: expandRealms(written.realms, line, context),
    iif: written.iif ?? written.dev ?? null,
    oif: written.oif ?? null,
    suppressPrefixLength: written.suppress_prefixlength ?? written.sup_pl ?? null,
    suppressGroup: named(written.suppress_ifgroup ?? written.sup_group, "groups", 0xffff_ffff),
    tunnelId: written["tunnel-id"] ?? null,
    uidRange: written.uidrange ?? null,
    l3mdev: written.l3mdev === true,
    protocol: tracked.kind === "none" ? protocol : null,
    ipProto: ipProtocol(written.ipproto, line, context),
    sport: written.sport ?? null,
    dport: written.dport ?? null,
    tracking: tracked,
  };
  const priority = written.priority ?? written.preference ?? written.order ?? null;
  if (family === null || action === null || refusedSince(before, context)) return null;
  if (priority === null) {
    const message = "the rule has no priority, and gets one from 16384 downwards";
    const hint = 'add "priority": it says where the rule stands among those of this host';
    context.problems.push({ ...line, code: "rule-without-priority", message, hint });
  }
  return {
    family,
    action,
    priority,
    from: written.from === undefined ? null : networkOf(written.from, family),
    to: written.to === undefined ? null : networkOf(written.to, family),
    ...expanded,
  };
}

function ruleFamily({ from, to, inet, inet6 }: RuleLine, line: Line, { problems }: VrrpContext): AddressFamily | null {
  const networks = [from, to].map((each) => (each === undefined ? null : familyOf(each)));
  const flags = [inet ? "inet" : null, inet6 ? "inet6" : null] as const;
  const families = new Set([...networks, ...flags].filter((each) => each !== null));
  if (families.size < 2) return families.values().next().value ?? "inet";
  problems.push({ ...line, code: "family-mismatch", message: "the rule mixes IPv4 and IPv6" });
  return null;
}

function ruleAction(written: RuleLine, line: Line, context: VrrpContext): RuleAction | null {
  const { problems } = context;
  const verdict = (["nop", "blackhole", "unreachable", "prohibit"] as const).find(
    (kind) => written[kind] === true || written.type === kind,
  );
  const table = written.table ?? written.lookup;
  const number = table === undefined ? null : resolveName(table, "tables", 0xffff_ffff, line, context);
  if (table !== undefined && number === null) return null;
  const actions: RuleAction[] = [];
  if (number !== null) actions.push({ kind: "table", table: number });
  if (written.goto !== undefined) actions.push({ kind: "goto", priority: written.goto });
  if (verdict !== undefined) actions.push({ kind: verdict });
  if (written.l3mdev) actions.push({ kind: "l3mdev" });
  const [action] = actions;
  if (action === undefined) {
    const message = "the rule does nothing: it names no table and no other action";
    problems.push({ ...line, code: "missing-keyword", message, hint: 'add "table", "goto", "blackhole" or the like' });
    return null;
  }
  if (actions.length > 1) {
    const message = `the rule has several actions: ${actions.map(({ kind }) => kind).join(", ")}`;
    problems.push({ ...line, code: "conflicting-keywords", message, hint: "keep one of them" });
  }
  return action;
}

function ipProtocol(written: string | undefined, line: Line, { problems }: VrrpContext): number | null {
  if (written === undefined) return null;
  const number = /^[0-9]{1,3}$/.test(written) ? Number(written) : ipProtocols[written.toLowerCase()];
  if (number !== undefined && number < 256) return number;
  const hint = `a number up to 255, or one of ${Object.keys(ipProtocols).join(", ")}`;
  problems.push({ ...line, code: "unknown-reference", message: `"${written}" is no protocol of IP`, hint });
  return null;
}
