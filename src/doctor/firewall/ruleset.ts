import { isObject } from "../../files/is-object.ts";

/** Chains and rules as `nft -j list ruleset` has them; what is not known here is left as it is. */
export interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** "input", "output", ...; null: it is only jumped to. */
  readonly hook: string | null;
  readonly priority: number;
  readonly policy: string;
  readonly rules: readonly Rule[];
}

export interface Rule {
  readonly handle: number;
  readonly expressions: readonly Readonly<Record<string, unknown>>[];
}

export type Sets = ReadonlyMap<string, readonly unknown[]>;

export interface Ruleset {
  readonly chains: readonly Chain[];
  /** Elements by "family table name". */
  readonly sets: Sets;
}

/** Reads what nft printed; null when it is nothing of the kind. Never throws. */
export function readRuleset(document: unknown): Ruleset | null {
  if (!isObject(document) || !Array.isArray(document.nftables)) return null;
  const chains = new Map<string, Chain & { readonly rules: Rule[] }>();
  const sets = new Map<string, readonly unknown[]>();
  for (const entry of document.nftables as readonly unknown[]) {
    if (!isObject(entry)) continue;
    const { chain, rule, set } = entry;
    if (isObject(chain)) chains.set(keyOf(chain, chain.name), chainOf(chain));
    if (isObject(set) && Array.isArray(set.elem)) sets.set(keyOf(set, set.name), set.elem as unknown[]);
    if (isObject(rule) && Array.isArray(rule.expr)) {
      const expressions = rule.expr.filter(isObject);
      chains.get(keyOf(rule, rule.chain))?.rules.push({ handle: Number(rule.handle ?? 0), expressions });
    }
  }
  return { chains: [...chains.values()], sets };
}

function keyOf({ family, table }: Readonly<Record<string, unknown>>, name: unknown): string {
  return `${String(family)} ${String(table)} ${String(name)}`;
}

function chainOf(chain: Readonly<Record<string, unknown>>): Chain & { readonly rules: Rule[] } {
  const { family, table, name, hook, prio, policy } = chain;
  return {
    ...{ family: String(family), table: String(table), name: String(name), rules: [] },
    hook: typeof hook === "string" ? hook : null,
    priority: Number(prio ?? 0),
    policy: typeof policy === "string" ? policy : "accept",
  };
}
