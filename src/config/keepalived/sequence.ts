/** What `~SEQ(...)`, `~SEQx(...)` or `~LST(...)` at the start of a line asks for. */
export interface Sequence {
  readonly names: readonly string[];
  readonly count: number;
  /** The values of the names for the turn; the first turn is 0. */
  values(turn: number): readonly string[];
}

export interface SequenceProblem {
  readonly message: string;
  readonly hint: string | null;
}

/** More turns than any honest file has; a mistyped bound must not fill the memory. */
export const MOST_TURNS = 1_000_000;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const INTEGER = /^[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)$/;
const SEQUENCE_HINT = "~SEQ(NAME, [START, [STEP,]] END), with whole numbers";
const LIST_HINT = "~LST(NAME, a, b, c) or ~LST({NAME1, NAME2}, {a, b}, {c, d}), without blanks inside the values";

/** Null when the line is none. */
export function parseSequence(text: string): Sequence | SequenceProblem | null {
  const opening = /^~(SEQx?|LST)[ \t]*\(/.exec(text);
  if (opening === null) return null;
  const close = text.indexOf(")", opening[0].length);
  const kind = opening[1] as string;
  const hint = kind === "LST" ? LIST_HINT : SEQUENCE_HINT;
  if (close < 0) return { message: `~${kind}( is never closed`, hint };
  const inside = text.slice(opening[0].length, close);
  const made = kind === "LST" ? list(inside) : numbers(inside, kind === "SEQx");
  return typeof made === "string" ? { message: made, hint } : made;
}

function numbers(inside: string, hexadecimal: boolean): Sequence | string {
  const [name = "", ...words] = inside.split(",").map((word) => word.trim());
  if (!NAME.test(name)) return `the name of a parameter stands first in ~SEQ, not "${name}"`;
  if (words.length < 1 || words.length > 3) return "~SEQ takes a name and one to three numbers";
  const wrong = words.find((word) => !INTEGER.test(word));
  if (wrong !== undefined) return `"${wrong}" is no whole number`;
  const given = words.map(integer);
  const last = given.at(-1) as number;
  const first = words.length > 1 ? (given[0] as number) : last < 0 ? -1 : 1;
  const step = words.length > 2 ? (given[1] as number) : last < first ? -1 : 1;
  if (step === 0 || (last - first) * step < 0) return `~SEQ from ${first} by ${step} never reaches ${last}`;
  const count = Math.floor((last - first) / step) + 1;
  const text = (value: number) => (hexadecimal ? hex(value) : String(value));
  return { names: [name], count, values: (turn) => [text(first + turn * step)] };
}

/** As strtol with base 0: a leading 0 is octal. */
function integer(word: string): number {
  const digits = word.replace(/^[+-]/, "");
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return word.startsWith("-") ? -value : value;
}

/** Negative numbers as printf's %x shows them. */
function hex(value: number): string {
  return (value < 0 ? value + 2 ** 32 : value).toString(16);
}

function list(inside: string): Sequence | string {
  const items = [...inside.matchAll(/[ \t]*(\{[^{}]*\}|[^,{}]*)[ \t]*(,|$)/g)];
  // The empty match at the end of the text follows every list that does not end with a comma.
  const texts = items.filter(({ 0: all, index }) => all !== "" || index === 0).map(({ 1: item = "" }) => item.trim());
  if (items.map(([all]) => all).join("") !== inside) return "braces and commas of ~LST do not match";
  const names = fields(texts[0] ?? "");
  const wrong = names.find((name) => !NAME.test(name));
  if (wrong !== undefined) return `the names of parameters stand first in ~LST, not "${wrong}"`;
  const rows = texts.slice(1).map(fields);
  if (inside.trimEnd().endsWith(",")) rows.push([""]);
  if (rows.length === 0) return "~LST has no values";
  const blank = rows.flat().find((value) => /\s/.test(value));
  if (blank !== undefined) return `the value "${blank}" has a blank in it`;
  const long = rows.find((row) => row.length > names.length);
  if (long !== undefined) return `~LST has ${names.length} names and ${long.length} values: {${long.join(", ")}}`;
  return { names, count: rows.length, values: (turn) => names.map((_, index) => rows[turn]?.[index] ?? "") };
}

function fields(item: string): string[] {
  const inside = item.startsWith("{") ? item.slice(1, -1) : item;
  return item.startsWith("{") ? inside.split(",").map((field) => field.trim()) : [inside];
}
