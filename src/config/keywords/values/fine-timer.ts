import { z } from "zod";
import { invalid, oneWord, outOfRange, type ValueType, valid } from "../value-type.ts";

const DECIMAL = /^(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/;
const unitUs = { s: 1_000_000, ms: 1000 } as const;

/** A duration in whole microseconds, both ends included, written in seconds or in milliseconds. */
export function fineTimer(minUs: number, maxUs: number, unit: keyof typeof unitUs = "s"): ValueType<number> {
  const words = { s: "seconds", ms: "milliseconds" }[unit];
  const scale = unitUs[unit];
  return {
    name: `${words}, to the microsecond`,
    expected: `${words} from ${inUnit(minUs, scale)} to ${inUnit(maxUs, scale)}`,
    shape: "word",
    parse: oneWord((word) => {
      if (word.startsWith("-") && DECIMAL.test(word.slice(1))) return outOfRange();
      if (!DECIMAL.test(word)) return invalid(`a number of ${words}, without a unit`);
      const us = Math.round(Number(word) * scale);
      return us >= minUs && us <= maxUs ? valid(us) : outOfRange();
    }),
    format: (us) => inUnit(us, scale),
    get input() {
      return z.union([
        z
          .number()
          .min(minUs / scale)
          .max(maxUs / scale),
        z.string().regex(DECIMAL),
      ]);
    },
  };
}

/** Exact: microseconds have six digits behind the point of a second, three behind that of a millisecond. */
function inUnit(us: number, scale: number): string {
  const digits = scale === 1000 ? 3 : 6;
  const text = (us / scale).toFixed(digits);
  return text.replace(/\.?0+$/, "");
}
