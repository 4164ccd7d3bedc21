import type { StatusRange } from "@lbctl/checkers";

import { invalid, outOfRange, type ValueType, valid } from "../value-type.ts";

const RANGE = /^([0-9]+)(?:-([0-9]+))?$/;

/** HTTP status codes and ranges of them, 100 to 599: "200-299 404". */
export const statusRanges: ValueType<readonly StatusRange[]> = {
  name: "status codes",
  expected: 'status codes from 100 to 599, or ranges of them: "200-299 404"',
  shape: "words",
  parse: (words) => {
    if (words.length === 0) return { ok: false, code: "missing-value", word: 0, hint: null };
    const ranges: StatusRange[] = [];
    for (const [index, word] of words.entries()) {
      const match = RANGE.exec(word);
      if (match === null) return invalid(hintFor(word), index);
      const from = Number(match[1]);
      const to = Number(match[2] ?? match[1]);
      if (from < 100 || to > 599) return outOfRange(null, index);
      if (from > to) return invalid(`the lower code comes first: ${to}-${from}`, index);
      ranges.push({ from, to });
    }
    return valid(ranges);
  },
  format: (ranges) => ranges.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(" "),
  input: (z) =>
    z.union([z.int().min(100).max(599), z.string(), z.array(z.union([z.int().min(100).max(599), z.string()]))]),
};

function hintFor(word: string): string | null {
  if (word.includes(",")) return "blanks separate the codes";
  if (/^[1-5]xx$/i.test(word)) return `write ${word[0]}00-${word[0]}99`;
  return word === "-" ? "no blanks around the dash: 200-299" : null;
}
