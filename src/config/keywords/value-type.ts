import type { ZodType, z } from "zod";

/** zod itself: 60 ms and 17 MB that only whoever publishes the schema has to spend. */
export type Zod = typeof z;

/** Why words are no value of a type. `word` is the index of the culprit. */
export interface ValueProblem {
  readonly ok: false;
  readonly code: "invalid-value" | "out-of-range" | "missing-value" | "too-many-values";
  readonly word: number;
  readonly hint: string | null;
}

export type ParsedValue<T> = { readonly ok: true; readonly value: T } | ValueProblem;

/**
 * What may stand behind a keyword. Values are read from words, as both front ends yield them; `format` is the inverse.
 * - `word`: exactly one. In YAML a text with blanks is still one word.
 * - `optional`: one or none.
 * - `words`: one or more. In YAML a text is split at blanks, and a list gives its entries.
 * - `list`: one or more. In YAML a text is one of them with all its blanks, and a list gives its entries.
 * - `lines`: a block of lines in keepalived.conf, each line a word with its blanks. In YAML as `list`.
 */
export interface ValueType<T> {
  /** For the manual: "timer 1 ms to 24 d". */
  readonly name: string;
  /** For diagnostics: completes "expected ...". */
  readonly expected: string;
  readonly shape: "word" | "optional" | "words" | "list" | "lines";
  /** In keepalived.conf, quotes and backslashes work as in a command line. Those of `list` do so always. */
  readonly escaped?: true;
  /** Keys of the map that YAML may give instead of the words, in the order of the words; trailing ones may be absent. */
  readonly fields?: readonly string[];
  readonly parse: (words: readonly string[]) => ParsedValue<T>;
  /** Words that `parse` reads back as the value, joined by blanks; those of `list` and `lines` by line feeds. */
  format(value: T): string;
  /** What a person may write in YAML, for the JSON Schema. */
  input(zod: Zod): ZodType;
}

export function valid<T>(value: T): ParsedValue<T> {
  return { ok: true, value };
}

export function invalid(hint: string | null = null, word = 0): ValueProblem {
  return { ok: false, code: "invalid-value", word, hint };
}

export function outOfRange(hint: string | null = null, word = 0): ValueProblem {
  return { ok: false, code: "out-of-range", word, hint };
}

export function missing(): ValueProblem {
  return { ok: false, code: "missing-value", word: 0, hint: null };
}

export function tooMany(word: number): ValueProblem {
  return { ok: false, code: "too-many-values", word, hint: null };
}

/** The problem of a part as one of the whole: the culprit is `words` further on. */
export function further(problem: ValueProblem, words: number): ValueProblem {
  return { ...problem, word: problem.word + words };
}

/** Reads exactly one word. */
export function oneWord<T>(read: (word: string) => ParsedValue<T>): ValueType<T>["parse"] {
  return (words) => {
    const word = words[0];
    if (word === undefined) return { ok: false, code: "missing-value", word: 0, hint: null };
    if (words.length > 1) return { ok: false, code: "too-many-values", word: 1, hint: null };
    return read(word);
  };
}
