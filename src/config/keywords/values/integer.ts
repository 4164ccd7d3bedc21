import { invalid, oneWord, outOfRange, type ValueType, valid } from "../value-type.ts";

export const UINT32_MAX = 0xffff_ffff;
export const INT32_MAX = 0x7fff_ffff;

const DECIMAL = /^[0-9]+$/;
const SIGNED = /^[-+]?[0-9]+$/;
const NEGATIVE = /^-[0-9]+$/;

/** A decimal integer within the range, both ends included. */
export function integer(min: number, max: number): ValueType<number> {
  return {
    name: `integer ${min}-${max}`,
    expected: `an integer from ${min} to ${max}`,
    shape: "word",
    parse: oneWord((word) => {
      if (NEGATIVE.test(word)) return outOfRange();
      if (!DECIMAL.test(word)) return invalid(hintFor(word));
      const value = Number(word);
      return value >= min && value <= max ? valid(value) : outOfRange();
    }),
    format: String,
    input(z) {
      return z.union([z.int().min(min).max(max), z.string().regex(DECIMAL)]);
    },
  };
}

function hintFor(word: string): string | null {
  if (/^0[xob]/i.test(word)) return "write the number in decimal";
  if (/^[0-9]+[.,][0-9]*$/.test(word)) return "no fraction is possible here";
  if (/^[0-9]+%$/.test(word)) return "a number, not a share of something";
  return null;
}

/** A decimal integer that may be negative. */
export function signedInteger(min: number, max: number): ValueType<number> {
  return {
    name: `integer ${min}..${max}`,
    expected: `an integer from ${min} to ${max}`,
    shape: "word",
    parse: oneWord((word) => {
      if (!SIGNED.test(word)) return invalid(hintFor(word));
      const value = Number(word);
      return value >= min && value <= max ? valid(value === 0 ? 0 : value) : outOfRange();
    }),
    format: String,
    input(z) {
      return z.union([z.int().min(min).max(max), z.string().regex(SIGNED)]);
    },
  };
}

const portNumber = integer(1, 65535);

export const port: ValueType<number> = {
  ...portNumber,
  name: "port",
  expected: "a port from 1 to 65535",
  parse: (words) => {
    const parsed = portNumber.parse(words);
    if (parsed.ok || !/^[a-z]/i.test(words[parsed.word] ?? "")) return parsed;
    return { ...parsed, hint: "names of services are not looked up; write the number" };
  },
};
