import type { TrackProcess } from "../../config/vrrp-model.ts";

/** What the number of processes adds up to. */
export interface QuorumState {
  readonly value: "up" | "down";
  readonly count: number;
  /** When the other value will count, unless the number changes back before; null: it will not. */
  readonly changesAtMs: number | null;
}

export type Quorum = Pick<TrackProcess, "quorum" | "quorumMax" | "forkDelayMs" | "terminateDelayMs">;

/** The first look decides at once. */
export function firstQuorum(count: number, quorum: Quorum): QuorumState {
  return { value: valueAt(count, quorum), count, changesAtMs: null };
}

/**
 * Another number of processes. fork_delay is the patience with more of them, terminate_delay that with fewer, whichever of
 * quorum and quorum_max they cross: a reload of what is watched has more for a moment, a restart has fewer.
 */
export function afterCount(state: QuorumState, count: number, nowMs: number, quorum: Quorum): QuorumState {
  if (count === state.count) return state;
  const value = valueAt(count, quorum);
  if (value === state.value) return { value, count, changesAtMs: null };
  if (state.changesAtMs !== null) return { ...state, count };
  const delayMs = count > state.count ? quorum.forkDelayMs : quorum.terminateDelayMs;
  return delayMs === 0 ? { value, count, changesAtMs: null } : { ...state, count, changesAtMs: nowMs + delayMs };
}

/** The time has come that `changesAtMs` said. */
export function afterDelay({ count }: QuorumState, quorum: Quorum): QuorumState {
  return firstQuorum(count, quorum);
}

function valueAt(count: number, { quorum, quorumMax }: Quorum): "up" | "down" {
  return count >= quorum && (quorumMax === null || count <= quorumMax) ? "up" : "down";
}
