import { performance } from "node:perf_hooks";

/** Lateness of our own timer from which on the peer is given that time back. */
const stallMs = 20;

/**
 * Calls `expired` once `timeoutMs` have passed, unless cancelled; the returned function cancels. A stall of this process must
 * not condemn a server: a timer that fires late is extended once by as much as it was late, and what has arrived meanwhile is
 * handled first. Timers of equal duration share one list in Node, so that setting and cancelling one is O(1).
 */
export function startDeadline(timeoutMs: number, expired: () => void): () => void {
  const dueMs = performance.now() + timeoutMs;
  let immediate: NodeJS.Immediate | null = null;
  let timer = setTimeout(() => {
    const lateMs = performance.now() - dueMs;
    if (lateMs < stallMs) afterPoll();
    else timer = setTimeout(afterPoll, Math.min(lateMs, timeoutMs));
  }, timeoutMs);

  // Timers run before the poll phase: bytes that are already here are read before the verdict.
  function afterPoll(): void {
    immediate = setImmediate(expired);
  }

  return () => {
    clearTimeout(timer);
    if (immediate) clearImmediate(immediate);
  };
}
