import { missing, type ParsedValue, type ValueProblem, type ValueType, valid } from "../value-type.ts";

/** A block of lines, each of which is a value of its own: `virtual_ipaddress { ... }`. The culprit of a problem is its line. */
export function lines<T>(item: ValueType<T>): ValueType<readonly T[]> {
  return {
    name: `lines: ${item.name}`,
    expected: `lines, each ${item.expected}`,
    shape: "lines",
    parse: (words) => {
      if (words.length === 0) return missing();
      const values: T[] = [];
      for (const [index, line] of words.entries()) {
        const parsed = item.parse(wordsOfLine(line, item));
        if (!parsed.ok) return problemOfLine(parsed, index, item);
        values.push(parsed.value);
      }
      return valid(values);
    },
    format: (values) => values.map((value) => item.format(value)).join("\n"),
    input(z) {
      return z.union([z.string(), z.array(z.union([z.string(), z.number()]))]);
    },
  };
}

function wordsOfLine(line: string, { shape }: ValueType<unknown>): string[] {
  return shape === "words" ? line.split(/\s+/).filter((word) => word !== "") : [line.trim()];
}

function problemOfLine({ code, hint }: ValueProblem, line: number, item: ValueType<unknown>): ValueProblem {
  const why = code === "missing-value" ? `each line is ${item.expected}` : hint;
  return { ok: false, code: code === "missing-value" ? "invalid-value" : code, word: line, hint: why };
}

const NAME = /^[^\s\p{Cc}{}]+$/u;

/** Names, one or several on a line. */
export const names: ValueType<readonly string[]> = {
  name: "names",
  expected: "names, one or several on a line",
  shape: "words",
  parse: (words): ParsedValue<readonly string[]> => {
    if (words.length === 0) return missing();
    const strange = words.findIndex((word) => !NAME.test(word));
    return strange < 0 ? valid(words) : { ok: false, code: "invalid-value", word: strange, hint: null };
  },
  format: (value) => value.join(" "),
  input: (z) => z.union([z.string(), z.array(z.string())]),
};

/** Several words on one line. */
export const wordList: ValueType<readonly string[]> = {
  name: "words",
  expected: "one or more words",
  shape: "words",
  parse: (words) => {
    if (words.length === 0) return missing();
    const strange = words.findIndex((word) => !NAME.test(word));
    return strange < 0 ? valid(words) : { ok: false, code: "invalid-value", word: strange, hint: null };
  },
  format: (words) => words.join(" "),
  input(z) {
    return z.union([z.string(), z.array(z.string())]);
  },
};
