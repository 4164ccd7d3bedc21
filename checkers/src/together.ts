/** Finest and coarsest grid, milliseconds: each one in between is twice the one before. */
const finestMs = 12.5;
export const coarsestGridMs = 400;
/** A wait may be this part of itself shorter. */
const tolerance = 1 / 12;

/**
 * When a run starts that is due at `dueMs`, after a wait of `waitMs`: up to a twelfth of the wait, and 400 ms, early, on a grid
 * that runs of all waits share, so that those due about the same time start together and the process wakes up once for all of them.
 * Never late, so that every bound holds; a wait below 150 ms is kept as it is.
 */
export function togetherMs(dueMs: number, waitMs: number): number {
  const gridMs = gridOf(waitMs);
  return gridMs === 0 ? dueMs : Math.floor(dueMs / gridMs) * gridMs;
}

/** Grids divide one another. 0: none. */
export function gridOf(waitMs: number): number {
  const most = Math.min(coarsestGridMs, waitMs * tolerance);
  if (most < finestMs) return 0;
  return finestMs * 2 ** Math.floor(Math.log2(most / finestMs));
}
