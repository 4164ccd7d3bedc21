import type { Remark } from "./diagnostics.ts";
import { type Block, blockName } from "./keywords/keyword.ts";
import type { ValueProblem, ValueType } from "./keywords/value-type.ts";
import { quote } from "./quote.ts";

/** What is wrong with the words behind a keyword, and what would be right. */
export function remarkOnValue(
  keyword: string,
  type: ValueType<unknown>,
  words: readonly string[],
  { code, word, hint }: ValueProblem,
): Remark {
  const { expected } = type;
  if (code === "missing-value")
    return { code, message: `${keyword} has no value, expected ${expected}`, hint, expected };
  const culprit = words[word] ?? words.at(-1) ?? "";
  if (code === "too-many-values") {
    return {
      code,
      message: `${keyword} has a value too many: ${quote(culprit)}; expected ${expected}`,
      hint,
      expected,
    };
  }
  const which = words.length > 1 ? `${keyword} has` : `${keyword} is`;
  return { code, message: `${which} ${quote(culprit)}, expected ${expected}`, hint, expected };
}

/** A keyword that a block cannot do without. */
export function remarkOnMissing(block: Block, name: string): Remark {
  const entry = block.entries[name];
  const message = `${blockName(block)} needs ${name}`;
  if (entry === undefined) return { code: "missing-keyword", message };
  if (entry.kind === "block") return { code: "missing-keyword", message, hint: `${name}: ${entry.summary}` };
  return { code: "missing-keyword", message, hint: `${name}: ${entry.row.summary}`, expected: entry.type.expected };
}
