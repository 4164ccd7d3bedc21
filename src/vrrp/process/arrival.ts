/**
 * When a packet came, on the clock of the timers. Its age is told by the kernel, on a wall clock that may have been set since: never
 * before the last look, which would have found it, and never after now. Below 0: the kernel has not said, and it came now. Pure.
 */
export function arrivedAtMs(ageUs: number, readMs: number, lastLookMs: number, nowMs: number): number {
  if (ageUs < 0) return nowMs;
  return Math.min(nowMs, Math.max(lastLookMs, readMs - ageUs / 1000));
}
