/** What a scheduler sees of a destination. */
export interface Candidate {
  readonly weight: number;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  /** Above its upper threshold, and not yet back below the lower one. */
  readonly overloaded: boolean;
}

/** Who asks for a connection. */
export interface Client {
  readonly address: string;
  readonly port: number;
}

export interface Pick<State> {
  /** Index of the chosen destination; null when none may take the connection. */
  readonly index: number | null;
  readonly state: State;
}

/** A scheduling algorithm of IPVS as pure functions over plain state. */
export interface Scheduler<State> {
  /** State after destinations were added, removed or changed. `previous` is null for a new service. */
  prepare(candidates: readonly Candidate[], previous: State | null, removedIndex: number | null): State;
  pick(candidates: readonly Candidate[], state: State, client: Client): Pick<State>;
}

/** Weight 0 is quiesced: it keeps its connections and gets no new one. */
export function takesNew(candidate: Candidate): boolean {
  return candidate.weight > 0 && !candidate.overloaded;
}
