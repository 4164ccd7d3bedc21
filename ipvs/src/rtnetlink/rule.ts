import type { AddressFamily } from "../table.ts";
import { type Network, networkText, type Realms } from "./route.ts";

export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** FR_ACT_*. `l3mdev` looks up the table of the packet's VRF. */
export type RuleAction =
  | { readonly kind: "table"; readonly table: number }
  | { readonly kind: "goto"; readonly priority: number }
  | { readonly kind: "l3mdev" }
  | { readonly kind: "nop" | "blackhole" | "unreachable" | "prohibit" };

/** A rule of policy routing. */
export interface Rule {
  readonly family: AddressFamily;
  readonly action: RuleAction;
  /** FRA_PRIORITY. Rules with the same one are asked in the order in which they came. */
  readonly priority: number;
  /** FIB_RULE_INVERT: packets that do not match. */
  readonly not: boolean;
  readonly from: Network | null;
  readonly to: Network | null;
  readonly tos: number;
  readonly fwmark: { readonly mark: number; readonly mask: number } | null;
  readonly realms: Realms | null;
  /** Names: a rule may be there before its interface. */
  readonly iif: string | null;
  readonly oif: string | null;
  readonly suppressPrefixLength: number | null;
  readonly suppressGroup: number | null;
  /** Decimal: 64 bits. */
  readonly tunnelId: string | null;
  readonly uidRange: NumberRange | null;
  /** FRA_PROTOCOL: who set it. */
  readonly protocol: number;
  readonly ipProto: number | null;
  readonly sport: NumberRange | null;
  readonly dport: NumberRange | null;
}

/** For messages: "from 10.9.0.0/16 table 7 priority 16384". */
export function ruleText({ from, to, iif, oif, fwmark, action, priority, family }: Rule): string {
  const words: string[] = [family];
  if (from) words.push("from", networkText(from));
  if (to) words.push("to", networkText(to));
  if (iif) words.push("iif", iif);
  if (oif) words.push("oif", oif);
  if (fwmark) words.push("fwmark", String(fwmark.mark));
  words.push(action.kind);
  if (action.kind === "table") words.push(String(action.table));
  if (action.kind === "goto") words.push(String(action.priority));
  words.push("priority", String(priority));
  return words.join(" ");
}
