/**
 * The 64 bits by which receivers of signed adverts tell new from old: UTC seconds (`high`); a binary fraction of a second
 * (upper half of `low`); a counter (lower half of `low`), which tells adverts of the same instant apart.
 */
export interface Sequence {
  /** 32 bits. */
  readonly high: number;
  /** 32 bits. */
  readonly low: number;
}

export type AntiReplay = "time" | "monotonic";

/** Whether `a` comes after `b` in the arithmetic of RFC 1982 section 3.2, which survives the end of the numbers. */
export function isAfter(a: Sequence, b: Sequence): boolean {
  if (a.high === b.high) return a.low > b.low;
  const high = (a.high - b.high - (a.low < b.low ? 1 : 0)) | 0;
  // Equal numbers were answered above; a difference of 0 in the upper half has a positive lower half.
  return high >= 0;
}

/** The clock as a sequence. `epochMs` may have a fraction. */
export function sequenceOfClock(epochMs: number): Sequence {
  const seconds = Math.floor(epochMs / 1000);
  const fraction = Math.floor(((epochMs - seconds * 1000) / 1000) * 0x10000);
  return { high: seconds >>> 0, low: (fraction * 0x10000) >>> 0 };
}

/** By how much the sequence is ahead of the clock, in milliseconds; negative: behind. */
export function aheadOfClockMs(sequence: Sequence, epochMs: number): number {
  const clock = sequenceOfClock(epochMs);
  return ((sequence.high - clock.high) | 0) * 1000 + ((sequence.low - clock.low) / 0x1_0000_0000) * 1000;
}

/**
 * The sequence of the next advert: the later of the clock and the one after `previous` (null: there was none). With
 * `time`, a previous one more than the window ahead of the clock is dropped: the clock was set back, and peers whose
 * clocks are right would refuse what goes on from there.
 */
export function nextSequence(
  previous: Sequence | null,
  clockEpochMs: number,
  { antiReplay, timeWindowMs }: { readonly antiReplay: AntiReplay; readonly timeWindowMs: number },
): Sequence {
  const clock = sequenceOfClock(clockEpochMs);
  if (previous === null) return clock;
  if (antiReplay === "time" && aheadOfClockMs(previous, clockEpochMs) > timeWindowMs) return clock;
  const following = successor(previous);
  return isAfter(clock, following) ? clock : following;
}

function successor({ high, low }: Sequence): Sequence {
  return low === 0xffff_ffff ? { high: (high + 1) >>> 0, low: 0 } : { high, low: low + 1 };
}
