import { isObject } from "../../files/is-object.ts";
import { type Matched, matches, type Packet } from "./match.ts";
import type { Chain, Rule, Ruleset } from "./ruleset.ts";

/** What becomes of a packet: `certain` false where a rule decides that could not be understood to the end. */
export interface Verdict {
  readonly passes: boolean;
  readonly certain: boolean;
  /** The base chain that drops it, or might; null: none. */
  readonly chain: Chain | null;
  /** Handle of the rule; null: the policy. */
  readonly handle: number | null;
}

const familiesOf = { inet: ["ip", "inet"], inet6: ["ip6", "inet"] } as const;

/** Sends a packet through the base chains of its hook, in their order. Pure; rules that jump in circles end. */
export function verdictOn(ruleset: Ruleset, packet: Packet): Verdict {
  const bases = ruleset.chains
    .filter(
      (chain) => chain.hook === packet.hook && (familiesOf[packet.family] as readonly string[]).includes(chain.family),
    )
    .sort((one, other) => one.priority - other.priority);
  let doubt: Verdict | null = null;
  for (const base of bases) {
    const walk = new Walk(ruleset, packet);
    const end = walk.through(base, 0) ?? { kind: base.policy === "drop" ? "drop" : "accept", handle: null };
    if (end.kind === "drop" && walk.maybeAccepted === null) {
      return { passes: false, certain: true, chain: base, handle: end.handle };
    }
    const handle = end.kind === "drop" ? end.handle : walk.maybeDropped;
    if (end.kind === "drop" || handle !== null) {
      doubt ??= { passes: end.kind !== "drop", certain: false, chain: base, handle };
    }
  }
  return doubt ?? { passes: true, certain: true, chain: null, handle: null };
}

interface End {
  readonly kind: "accept" | "drop" | "return";
  readonly handle: number | null;
}

/** As many as the kernel allows (NFT_JUMP_STACK_SIZE). */
const DEEPEST = 16;

class Walk {
  readonly #ruleset: Ruleset;
  readonly #packet: Packet;
  maybeDropped: number | null = null;
  maybeAccepted: number | null = null;

  constructor(ruleset: Ruleset, packet: Packet) {
    this.#ruleset = ruleset;
    this.#packet = packet;
  }

  /** Null: the end of the chain was reached. */
  through(chain: Chain, depth: number): End | null {
    for (const rule of chain.rules) {
      const matched = this.#matched(chain, rule);
      if (matched === false) continue;
      const end = this.#outcome(chain, rule, depth);
      if (end === null) continue;
      if (matched === true) return end.kind === "return" ? null : end;
      if (end.kind === "drop") this.maybeDropped ??= rule.handle;
      if (end.kind === "accept") this.maybeAccepted ??= rule.handle;
    }
    return null;
  }

  #matched(chain: Chain, { expressions }: Rule): Matched {
    const setOf = (name: string) => this.#ruleset.sets.get(`${chain.family} ${chain.table} ${name}`) ?? null;
    let all: Matched = true;
    for (const expression of expressions) {
      const one = "match" in expression ? matches(expression.match, this.#packet, setOf) : decides(expression);
      if (one === false) return false;
      if (one === null) all = null;
    }
    return all;
  }

  /** Null: the rule ends nothing. */
  #outcome(chain: Chain, { expressions, handle }: Rule, depth: number): End | null {
    for (const expression of expressions) {
      if ("accept" in expression) return { kind: "accept", handle };
      if ("drop" in expression || "reject" in expression) return { kind: "drop", handle };
      if ("return" in expression) return { kind: "return", handle };
      const jump = expression.jump ?? expression.goto;
      if (isObject(jump) && depth < DEEPEST) {
        const target = this.#ruleset.chains.find(
          ({ family, table, name }) => family === chain.family && table === chain.table && name === jump.target,
        );
        const end = target === undefined ? null : this.through(target, depth + 1);
        if (end !== null) return { ...end, handle };
        if ("goto" in expression) return { kind: "return", handle };
      }
    }
    return null;
  }
}

const harmless: ReadonlySet<string> = new Set([
  ...["counter", "log", "comment", "accept", "drop", "reject", "return", "jump", "goto", "mangle", "notrack"],
]);

/** Other expressions: those that decide nothing match, those that nobody here understands may. */
function decides(expression: Readonly<Record<string, unknown>>): Matched {
  return Object.keys(expression).every((key) => harmless.has(key)) ? true : null;
}
