import type { CheckSpec, Health, Verdict } from "@lbctl/checkers";
import type { DestinationKey } from "ipvs-netlink";
import type { AdminState } from "./facts.ts";

/** What a person sees of a real server: administration first, health otherwise. */
export type RealServerState = Health | "disabled" | "drained";

/** Why a real server is in its state, or out of the table. */
export type StateReason =
  | { readonly kind: "no_checks" }
  | { readonly kind: "checks_passed" }
  /** `countsAs` follows from alpha. */
  | { readonly kind: "not_checked"; readonly check: CheckSpec["type"]; readonly countsAs: "up" | "down" }
  /** Without a verdict the health was inherited: from a predecessor's table, or from a check that a reload replaced. */
  | {
      readonly kind: "check_failed";
      readonly check: CheckSpec["type"];
      readonly verdict: FailedVerdict | null;
      readonly failures: number;
    }
  /** It passes again, but not yet as often in a row as `rise` asks. */
  | {
      readonly kind: "check_rising";
      readonly check: CheckSpec["type"];
      readonly successes: number;
      readonly rise: number;
    }
  | { readonly kind: "admin"; readonly adminState: AdminState }
  /** An agent drains or disables it. */
  | { readonly kind: "agent"; readonly adminState: AdminState; readonly check: CheckSpec["type"] }
  /** Alive, but the quorum is lost and the sorry server takes the traffic. */
  | { readonly kind: "quorum_lost" };

export type FailedVerdict = Extract<Verdict, { ok: false }>;

/** What was decided for one real server, and why. Plain data. */
export interface RealServerDecision extends DestinationKey {
  /** Configured, changed by what checks say of it, or overridden by the operator. */
  readonly weight: number;
  readonly health: Health;
  readonly adminState: AdminState;
  readonly state: RealServerState;
  /** The weight in the table; 0 when it is not in the table. */
  readonly effectiveWeight: number;
  readonly inTable: boolean;
  readonly reason: StateReason;
  /** When `state` was last changed. */
  readonly sinceEpochMs: number;
}

export interface QuorumDecision {
  readonly needed: number;
  readonly hysteresis: number;
  /** Sum of the weights of the real servers that are alive and enabled. */
  readonly weightUp: number;
  readonly met: boolean;
  readonly sinceEpochMs: number;
}

export interface SorryServerDecision extends DestinationKey {
  readonly inService: boolean;
  readonly sinceEpochMs: number;
}

/** Whether too few real servers are up for the others to be left out. */
export interface PanicDecision {
  /** In percent. */
  readonly threshold: number;
  readonly up: number;
  /** Enabled real servers that were checked. */
  readonly counted: number;
  readonly active: boolean;
  readonly sinceEpochMs: number;
}

/** What was decided for one virtual server. Plain data; handed back as `previous` for the next decision. */
export interface VirtualServerDecision {
  readonly name: string;
  readonly quorum: QuorumDecision;
  readonly sorryServer: SorryServerDecision | null;
  /** Absent without a panic_threshold. */
  readonly panic?: PanicDecision;
  readonly realServers: readonly RealServerDecision[];
}
