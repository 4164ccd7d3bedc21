const firstMs = 1_000;
const lastMs = 60_000;

/** Wait before the next attempt after this many failed ones: 1 s, 2 s, 4 s .. 60 s. */
export function backoffMs(failedAttempts: number): number {
  return Math.min(lastMs, firstMs * 2 ** Math.min(failedAttempts - 1, 30));
}
