import type { Clock } from "../../director/clock.ts";

export const clock: Clock = {
  now: () => ({ epochMs: Date.now(), monotonicMs: performance.now() }),
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
