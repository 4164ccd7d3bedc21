import type { VirtualAddress, VirtualRoute, VirtualRule } from "../../config/network-model.ts";

/** What one instance, or the static part of the configuration, has while it is in force. */
export interface Holding {
  /** Name of the instance; `static` for what is always there. */
  readonly holder: string;
  readonly addresses: readonly VirtualAddress[];
  readonly routes: readonly VirtualRoute[];
  readonly rules: readonly VirtualRule[];
  /** Where addresses sit that do not sit on their interface itself. */
  readonly placement: {
    /** VMAC or ipvlan of the instance. */
    readonly instanceLink: string | null;
    /** VMACs made for addresses, by the name of the interface below. */
    readonly ownLinks: Readonly<Record<string, string>>;
  };
}

/** keepalived counts down from here, per family, for rules without a priority (seen on 2.2.7). */
const FIRST_RULE_PRIORITY = 16_384;

/**
 * Gives every rule without a priority one, by its place in the whole configuration: it must not depend on who is master.
 */
export function numberRules(holdings: readonly Holding[]): Holding[] {
  const next = { inet: FIRST_RULE_PRIORITY, inet6: FIRST_RULE_PRIORITY };
  return holdings.map((holding) => ({
    ...holding,
    rules: holding.rules.map((rule) => (rule.priority === null ? { ...rule, priority: next[rule.family]-- } : rule)),
  }));
}
