import type { VirtualServerDecision } from "./decision.ts";
import type { Refusal } from "./refusals.ts";

export interface DriftView {
  readonly repairedTotal: number;
  readonly last: { readonly epochMs: number; readonly what: string } | null;
}

/** What the director knows, for people. Plain data. */
export interface DirectorView {
  readonly virtualServers: readonly VirtualServerDecision[];
  readonly refusals: readonly Refusal[];
  readonly drift: DriftView;
  /** Why the data plane cannot be reached; null if it can. */
  readonly unavailable: string | null;
}

/** What changed of the view since it was last told. Absent parts did not. */
export interface ViewChange {
  readonly virtualServers?: readonly VirtualServerDecision[];
  /** Names of virtual servers that are gone. */
  readonly removed?: readonly string[];
  readonly refusals?: readonly Refusal[];
  readonly drift?: DriftView;
  readonly unavailable?: string | null;
}
