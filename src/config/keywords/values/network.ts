import { invalid, oneWord, outOfRange, type ParsedValue, type ValueType, valid } from "../value-type.ts";
import { UINT32_MAX } from "./integer.ts";
import { prefix } from "./prefix.ts";

/** Values in lines of addresses, routes and rules, as "ip" has them. */

function wordType<T>(
  name: string,
  expected: string,
  read: (word: string) => ParsedValue<T>,
  format: (value: T) => string,
): ValueType<T> {
  return {
    name,
    expected,
    shape: "word",
    parse: oneWord(read),
    format,
    input: (z) => z.union([z.string(), z.number()]),
  };
}

/** An address with or without the length of its prefix. */
export const hostPrefix: ValueType<string> = {
  ...prefix,
  parse: oneWord((word) => (/[.:]/.test(word) ? prefix.parse([word]) : invalid())),
};

/** Seconds; null is forever. */
export const lifetime = wordType(
  "seconds | forever",
  "seconds or forever",
  (word): ParsedValue<number | null> => (word === "forever" ? valid(null) : numberOf(word, UINT32_MAX)),
  (seconds) => (seconds === null ? "forever" : String(seconds)),
);

/** Decimal, hexadecimal (0x) or octal (0), as strtoul takes them. */
function numberOf(word: string, max: number): ParsedValue<number> {
  if (!/^(?:0x[0-9a-f]+|[0-9]+)$/i.test(word)) return invalid("a number, decimal or with 0x");
  const number = /^0[0-7]+$/.test(word) ? Number.parseInt(word, 8) : Number(word);
  return number <= max ? valid(number) : outOfRange();
}

export interface Mark {
  readonly mark: number;
  readonly mask: number;
}

export const mark = wordType(
  "mark[/mask]",
  "a mark, perhaps with a mask: 0x10/0xff",
  (word): ParsedValue<Mark> => {
    const [markWord = "", maskWord, more] = word.split("/");
    const mark = numberOf(markWord, UINT32_MAX);
    const mask = maskWord === undefined ? valid(UINT32_MAX) : numberOf(maskWord, UINT32_MAX);
    if (!mark.ok) return mark;
    if (!mask.ok) return mask;
    return more === undefined ? valid({ mark: mark.value, mask: mask.value }) : invalid();
  },
  ({ mark, mask }) =>
    mask === UINT32_MAX ? `0x${mark.toString(16)}` : `0x${mark.toString(16)}/0x${mask.toString(16)}`,
);

export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** `10-20`. */
export function numberRange(min: number, max: number): ValueType<NumberRange> {
  return wordType(
    `${min}-${max}`,
    `two numbers from ${min} to ${max}: ${min}-${max}`,
    (word): ParsedValue<NumberRange> => {
      const match = /^([0-9]+)-([0-9]+)$/.exec(word);
      if (match === null) return invalid(/^[0-9]+$/.test(word) ? `a range, even of one: ${word}-${word}` : null);
      const [from, to] = [Number(match[1]), Number(match[2])];
      if (from < min || to > max) return outOfRange();
      return from <= to ? valid({ from, to }) : invalid("the smaller number comes first");
    },
    ({ from, to }) => `${from}-${to}`,
  );
}

const UINT64_MAX = 2n ** 64n - 1n;

/** 64 bits, as decimal digits. */
export const tunnelId = wordType(
  "number",
  "a number of up to 64 bits",
  (word): ParsedValue<string> => {
    if (!/^[0-9]{1,20}$/.test(word)) return invalid();
    return BigInt(word) <= UINT64_MAX ? valid(String(BigInt(word))) : outOfRange();
  },
  String,
);

/** A time of RTA_METRICS in the kernel's units, of which there are `perMs`: with the unit s or ms, or as a bare number of those. */
export function metricTime(perMs: number): ValueType<number> {
  return wordType(
    "time",
    "a time such as 300ms or 2s",
    (word): ParsedValue<number> => {
      const match = /^([0-9]+(?:\.[0-9]+)?)(s|sec|secs|ms|msec|msecs|)$/.exec(word);
      if (match === null) return invalid("a time such as 300ms or 2s");
      const unit = match[2] === "" ? 1 : (match[2] as string).startsWith("ms") ? perMs : 1000 * perMs;
      const value = Math.round(Number(match[1]) * unit);
      return value <= UINT32_MAX ? valid(value) : outOfRange();
    },
    (value) => (value % perMs === 0 ? `${value / perMs}ms` : String(value)),
  );
}
