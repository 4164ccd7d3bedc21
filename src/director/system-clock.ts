import type { Clock } from "./clock.ts";

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => ({ epochMs: Date.now(), monotonicMs: performance.now() }),
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
