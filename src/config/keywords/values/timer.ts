import { invalid, oneWord, outOfRange, type ParsedValue, type ValueType, valid } from "../value-type.ts";

/** Node's timers end here (2^31 - 1 ms). */
export const LONGEST_TIMER_MS = 2_147_483_647;

const unitMs = { "": 1000, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const TIMER = /^([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ms|s|m|h|d|)$/;
const HINT = 'seconds ("6", "2.5") or a number with a unit ("500ms", "2s", "1m", "1h")';

/** A duration in milliseconds, both ends included: seconds, also fractions, or a number with the unit ms, s, m, h or d. */
export function timer(minMs: number, maxMs: number = LONGEST_TIMER_MS): ValueType<number> {
  return {
    name: "timer",
    expected: rangeText(minMs, maxMs),
    shape: "word",
    parse: oneWord((word) => parseWithin(word, minMs, maxMs)),
    format: formatTimer,
    input(z) {
      const seconds = z.number().min(minMs / 1000);
      return z.union([seconds.max(maxMs / 1000), z.string().regex(TIMER)]);
    },
  };
}

function rangeText(minMs: number, maxMs: number): string {
  const least = minMs === 0 ? "0" : formatTimer(minMs);
  return maxMs < LONGEST_TIMER_MS
    ? `a time from ${least} to ${maxMs / 1000} s`
    : `a time in seconds, at least ${least}`;
}

/** A duration of whole seconds. `whenBare` is the value of the keyword alone, where it may stand alone. */
export function wholeSeconds(minS: number, maxS: number, whenBare: number | null = null): ValueType<number> {
  return {
    name: "timer, whole seconds",
    expected: `whole seconds from ${minS} to ${maxS}`,
    shape: whenBare === null ? "word" : "optional",
    parse: (words) => {
      if (words.length === 0 && whenBare !== null) return valid(whenBare);
      const parsed = oneWord((word) => parseWithin(word, minS * 1000, maxS * 1000))(words);
      if (!parsed.ok) return parsed;
      return parsed.value % 1000 === 0 ? valid(parsed.value / 1000) : invalid("the kernel keeps whole seconds");
    },
    format: String,
    input(z) {
      const written = z.union([z.int().min(minS).max(maxS), z.string().regex(TIMER)]);
      return whenBare === null ? written : z.union([z.null(), written]);
    },
  };
}

/** Milliseconds, rounded; what is above zero stays above zero. Null when the word is no time. */
function parseTimer(word: string): number | null {
  const match = TIMER.exec(word);
  if (match === null) return null;
  const ms = Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
  return ms > 0 ? Math.max(1, Math.round(ms)) : 0;
}

function parseWithin(word: string, minMs: number, maxMs: number): ParsedValue<number> {
  const negative = word.startsWith("-") && parseTimer(word.slice(1)) !== null;
  const ms = parseTimer(word);
  if (ms === null) return negative ? outOfRange() : invalid(HINT);
  return ms >= minMs && ms <= maxMs ? valid(ms) : outOfRange();
}

/** The shortest exact text: "500ms", "6", "2.5". */
export function formatTimer(ms: number): string {
  return ms % 100 === 0 ? String(ms / 1000) : `${ms}ms`;
}
