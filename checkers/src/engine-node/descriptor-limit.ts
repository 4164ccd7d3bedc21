import { readFileSync } from "node:fs";

/** Left for everything that is no probe: control socket, log, netlink, scripts. */
const reserved = 256;
const atLeast = 16;
/** Beyond this, more runs at once only make each other late. */
const atMost = 16_384;
/** Those that the runner starts, and those that the engine repeats by itself: neither asks the other. */
const sources = 2;

/**
 * Runs of each source that may be under way at once without running out of descriptors, of which each takes one. Node raises the
 * soft limit to the hard one by itself; to allow more, raise the hard one (LimitNOFILE= of systemd, `ulimit -Hn`).
 */
export function concurrencyWithinLimits(): number {
  return concurrencyFor(readFileSync("/proc/self/limits", "latin1"));
}

/** The same from the text of /proc/PID/limits (proc(5)). */
export function concurrencyFor(limits: string): number {
  const soft = /^Max open files +([0-9]+|unlimited)/m.exec(limits)?.[1];
  return concurrencyWith(soft === undefined || soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft));
}

/** The same from the limit itself. */
export function concurrencyWith(descriptors: number): number {
  return Math.max(atLeast, Math.min(atMost, Math.floor((descriptors - reserved) / sources)));
}

/** The limit with which so many runs may be under way at once, or as many as ever may. */
export function descriptorsFor(runs: number): number {
  return Math.min(atMost, runs) * sources + reserved;
}
