/** How a child that ended is brought back. Pure: durations come in, the delay goes out. */
export interface RestartState {
  /** Restarts since the child last lived long enough to be called healthy. */
  readonly attempts: number;
}

export const neverRestarted: RestartState = { attempts: 0 };

const firstDelayMs = 100;
const maxDelayMs = 30_000;
const healthyAfterMs = 60_000;

/**
 * The delay before the next start, 100 ms doubling to 30 s: the first restart is quick because a director without a checker
 * is blind, later ones slow down so that a child that cannot start does not burn the machine.
 */
export function restartDelay(
  state: RestartState,
  livedMs: number,
): { readonly state: RestartState; readonly delayMs: number } {
  const attempts = livedMs >= healthyAfterMs ? 0 : state.attempts;
  return { state: { attempts: attempts + 1 }, delayMs: Math.min(maxDelayMs, firstDelayMs * 2 ** attempts) };
}
