import { isObject } from "../../files/is-object.ts";
import { type MarkedPacket, type Matched, matches, type Packet } from "./match.ts";
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
export function verdictOn(ruleset: Ruleset, unmarked: Packet): Verdict {
  const packet = { ...unmarked, mark: mayBeMarked(ruleset, unmarked) ? null : 0 };
  const bases = basesOf(ruleset, packet, [packet.hook]);
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

/** Base chains that it comes through in these hooks, in their order. */
function basesOf({ chains }: Ruleset, { family }: Pick<Packet, "family">, hooks: readonly string[]): readonly Chain[] {
  const families: readonly string[] = familiesOf[family];
  return chains
    .filter((chain) => chain.hook !== null && hooks.includes(chain.hook) && families.includes(chain.family))
    .sort((one, other) => one.priority - other.priority);
}

/** Whether a rule that it may come to sets its mark: without one that is 0. */
function mayBeMarked(ruleset: Ruleset, unmarked: Packet): boolean {
  const hooks = unmarked.hook === "input" ? ["prerouting", "input"] : ["output"];
  return basesOf(ruleset, unmarked, hooks).some((base) => {
    const walk = new Walk(ruleset, { ...unmarked, mark: null });
    walk.through(base, 0);
    return walk.marks;
  });
}

interface End {
  readonly kind: "accept" | "drop" | "return";
  readonly handle: number | null;
}

/** As many as the kernel allows (NFT_JUMP_STACK_SIZE). */
const DEEPEST = 16;

class Walk {
  readonly #ruleset: Ruleset;
  readonly #packet: MarkedPacket;
  maybeDropped: number | null = null;
  maybeAccepted: number | null = null;
  /** A rule that sets the mark was come to. */
  marks = false;

  constructor(ruleset: Ruleset, packet: MarkedPacket) {
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
      if ("drop" in expression || "reject" in expression || isTarget(expression, "REJECT"))
        return { kind: "drop", handle };
      if (setsMark(expression)) this.marks = true;
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

type Expression = Rule["expressions"][number];

/** A target of iptables, which nft shows by its name alone. */
function isTarget({ xt }: Expression, ...names: readonly string[]): boolean {
  return isObject(xt) && xt.type === "target" && names.includes(String(xt.name));
}

function setsMark(expression: Expression): boolean {
  if (isTarget(expression, "MARK", "CONNMARK")) return true;
  const key = isObject(expression.mangle) ? expression.mangle.key : null;
  return isObject(key) && isObject(key.meta) && key.meta.key === "mark";
}

/** Other expressions: those that decide nothing match, those that nobody here understands may. */
function decides(expression: Expression): Matched {
  if (isTarget(expression, "REJECT", "MARK", "CONNMARK", "LOG", "NFLOG", "CT", "CHECKSUM")) return true;
  if (isObject(expression.xt) && expression.xt.type === "match" && expression.xt.name === "comment") return true;
  return Object.keys(expression).every((key) => harmless.has(key)) ? true : null;
}
