import { invalid, oneWord, outOfRange, type ValueType, valid } from "../value-type.ts";

const FINE = /^([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(us|ms|s|m|h|d|)$/;
const unitUs = { us: 1, ms: 1000, s: 1_000_000, m: 60_000_000, h: 3_600_000_000, d: 86_400_000_000 } as const;

/** A duration in whole microseconds, both ends included. A number without a unit is in seconds, or in milliseconds. */
export function fineTimer(minUs: number, maxUs: number, unit: "s" | "ms" = "s"): ValueType<number> {
  const words = { s: "seconds", ms: "milliseconds" }[unit];
  const scale = unitUs[unit];
  return {
    name: `${words}, to the microsecond`,
    expected: `${words} from ${inUnit(minUs, scale)} to ${inUnit(maxUs, scale)}`,
    shape: "word",
    parse: oneWord((word) => {
      if (word.startsWith("-") && FINE.test(word.slice(1))) return outOfRange();
      const match = FINE.exec(word);
      if (match === null) return invalid(`a number of ${words}, or one with a unit ("500us", "20ms", "2s", "1m")`);
      const us = Math.round(Number(match[1]) * unitUs[(match[2] || unit) as keyof typeof unitUs]);
      return us >= minUs && us <= maxUs ? valid(us) : outOfRange();
    }),
    format: (us) => inUnit(us, scale),
    input(z) {
      return z.union([
        z
          .number()
          .min(minUs / scale)
          .max(maxUs / scale),
        z.string().regex(FINE),
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
