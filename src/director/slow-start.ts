/** A ramp has this many steps: each is a write. */
const steps = 10;

export interface RampedWeight {
  readonly weight: number;
  /** When the weight changes next; null: it stays. */
  readonly nextEpochMs: number | null;
}

/**
 * The weight of a real server that came back up `recoveredEpochMs` ago: in equal steps from a tenth or so to all of it within
 * `slowStartMs`, never less than 1. Pure; a clock that was set back ends the ramp, which might else last for hours.
 */
export function rampedWeight(
  weight: number,
  slowStartMs: number,
  recoveredEpochMs: number | null,
  nowEpochMs: number,
): RampedWeight {
  const elapsedMs = recoveredEpochMs === null ? slowStartMs : nowEpochMs - recoveredEpochMs;
  if (recoveredEpochMs === null || weight <= 1 || elapsedMs < 0 || elapsedMs >= slowStartMs) {
    return { weight, nextEpochMs: null };
  }
  const step = Math.floor((elapsedMs * steps) / slowStartMs);
  const ramped = weightAt(weight, step);
  if (ramped === weight) return { weight, nextEpochMs: null };
  let next = step + 1;
  while (weightAt(weight, next) === ramped) next += 1;
  return { weight: ramped, nextEpochMs: recoveredEpochMs + Math.ceil((next * slowStartMs) / steps) };
}

function weightAt(weight: number, step: number): number {
  return step >= steps ? weight : Math.max(1, Math.round((weight * (step + 1)) / (steps + 1)));
}
