import type { Remark } from "./diagnostics.ts";
import { type Block, blockName, type Keyword } from "./keywords/keyword.ts";
import type { ValueProblem, ValueType } from "./keywords/value-type.ts";
import { quote } from "./quote.ts";

/** What is wrong with the words behind a keyword, and what would be right. */
export function remarkOnValue(
  keyword: string,
  { type, row }: Pick<Keyword, "type" | "row">,
  words: readonly string[],
  { code, word, hint }: ValueProblem,
): Remark {
  // Of a block of lines, what one of them is.
  const expected = type.expected.replace(/^lines, each /, "");
  const stray = strayCharacter(type, words, word);
  if (code === "missing-value")
    return { code, message: `${keyword} has no value, expected ${expected}`, hint, expected };
  if (row.secret === true) return { code, message: `${keyword} is not ${expected}`, hint, expected, secret: true };
  const culprit = words[word] ?? words.at(-1) ?? "";
  if (code === "too-many-values") {
    return {
      code,
      message: `${keyword} has a value too many: ${quote(culprit)}; expected ${expected}`,
      hint: stray ?? hint,
      expected,
    };
  }
  const line = type.shape === "lines";
  // Nothing better is known than what it is for.
  const about = code === "out-of-range" ? `${keyword}: ${row.summary}` : null;
  const which = line ? `${keyword} has the line` : words.length > 1 ? `${keyword} has` : `${keyword} is`;
  return { code, message: `${which} ${quote(culprit)}, expected ${expected}`, hint: stray ?? hint ?? about, expected };
}

/** A hint where the value is good but for a character that other languages have between settings. */
function strayCharacter(type: ValueType<unknown>, words: readonly string[], at: number): string | null {
  const [first = ""] = words;
  if (first === "=" && type.parse(words.slice(1)).ok) return 'leave out the "="';
  const culprit = words[at] ?? "";
  const end = /[;,]$/.exec(culprit)?.[0];
  const lines = type.shape === "lines";
  const bare = culprit.slice(0, -1);
  if (end !== undefined && type.parse(lines ? [bare] : words.with(at, bare)).ok) return `leave out the "${end}"`;
  if (lines) return null;
  // The word before the one that is too many.
  const before = words[at - 1] ?? "";
  if (before.endsWith("\\"))
    return "a backslash does not keep a quote in the text: the text ends before it, as with keepalived";
  if (before.endsWith(";"))
    return 'leave out the ";": a setting ends with its line, and the next one starts a new line';
  return null;
}

/** A keyword that a block cannot do without. */
export function remarkOnMissing(block: Block, name: string): Remark {
  const entry = block.entries[name];
  const message = `${blockName(block)} needs ${name}`;
  if (entry === undefined) return { code: "missing-keyword", message };
  if (entry.kind === "block") return { code: "missing-keyword", message, hint: `${name}: ${entry.summary}` };
  return { code: "missing-keyword", message, hint: `${name}: ${entry.row.summary}`, expected: entry.type.expected };
}
