/** When the next repair may happen after others took something away. Pure. */
export interface RepairPace {
  readonly delayMs: number;
  readonly lastRepairMonotonicMs: number;
}

export const atEase: RepairPace = { delayMs: 0, lastRepairMonotonicMs: Number.NEGATIVE_INFINITY };

const firstDelayMs = 50;
const lastDelayMs = 5_000;
const quietMs = 10_000;

/**
 * The first repair happens at once; of somebody who keeps on taking away, each next one waits twice as long, so that two programs that
 * want different things do not use up the machine.
 */
export function afterRepair({ delayMs, lastRepairMonotonicMs }: RepairPace, nowMonotonicMs: number): RepairPace {
  const quiet = nowMonotonicMs - lastRepairMonotonicMs > Math.max(quietMs, 2 * delayMs);
  const longer = delayMs === 0 ? firstDelayMs : Math.min(lastDelayMs, 2 * delayMs);
  return { delayMs: quiet ? firstDelayMs : longer, lastRepairMonotonicMs: nowMonotonicMs };
}

/** Milliseconds until a repair may start. */
export function repairIn({ delayMs, lastRepairMonotonicMs }: RepairPace, nowMonotonicMs: number): number {
  if (nowMonotonicMs - lastRepairMonotonicMs > Math.max(quietMs, 2 * delayMs)) return 0;
  return Math.max(0, lastRepairMonotonicMs + delayMs - nowMonotonicMs);
}
