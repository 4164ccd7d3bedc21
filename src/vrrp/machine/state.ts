import type { Action } from "./action.ts";
import type { Phase } from "./phase.ts";
import type { TransitionReason } from "./reason.ts";
import type { RouterSettings } from "./settings.ts";
import type { Standing } from "./standing.ts";

/** The router whose adverts a backup heard last. */
export interface MasterSeen {
  readonly address: string;
  readonly priority: number;
  /** The best priority it had since it is the one that we hear. */
  readonly highestPriority: number;
  /** What it says; version 3 goes by it. */
  readonly advertMs: number;
  readonly sinceMs: number;
  /** It said priority 0. */
  readonly resigned: boolean;
}

/** Another router that sends adverts while this one is master. */
export interface Rival {
  readonly address: string;
  readonly sinceMs: number;
  readonly adverts: number;
  /** When an inferior router was last answered, this one or another. */
  readonly answeredMs: number;
  readonly reportedToStay: boolean;
}

/** A master that was not run for so long that others may have taken over. */
export type Stall = Extract<TransitionReason, { readonly kind: "stalled" }>;

/** One virtual router. Replaced, never changed; what an advert of the same master does not change is the same object. */
export interface RouterState {
  readonly settings: RouterSettings;
  readonly phase: Phase;
  readonly sinceMs: number;
  readonly because: TransitionReason;
  readonly standing: Standing;
  /** The own address in adverts, which decides between equal priorities. */
  readonly sourceAddress: string | null;
  /** As backup. */
  readonly master: MasterSeen | null;
  /** As backup: why the master's adverts do not count, so that master_down runs out; null: they count. */
  readonly preempting: "lower_priority" | "saw_drop" | null;
  /** As backup: of an inferior master. */
  readonly preemptDelay: "none" | "running" | "over";
  readonly preemptDelayEndsMs: number;
  /** As backup: an operator wants another to be master, so this one preempts as with on_failure. */
  readonly yields: boolean;
  /** As backup: a stall of our own was allowed for once. */
  readonly gaveGrace: boolean;
  /** As backup in a sync group: why it would be master. */
  readonly claim: TransitionReason | null;
  /** As master. */
  readonly rival: Rival | null;
  /** As leaving. */
  readonly leavesTo: "backup" | "stopped";
  /** As leaving: it was not run for so long that there may be a successor already; null: it is told to go. */
  readonly stall: Stall | null;
  readonly leavingSinceMs: number;
  /**
   * What the next regular event asks for, made once: as backup the same advert of the same master, as master the advert
   * timer. Null: it has to be thought about.
   */
  readonly heartbeat: readonly Action[] | null;
}

/** A router before its start. */
export function newRouter(
  settings: RouterSettings,
  standing: Standing,
  sourceAddress: string | null,
  nowMs: number,
): RouterState {
  return {
    settings,
    phase: "initialize",
    sinceMs: nowMs,
    because: { kind: "configured" },
    standing,
    sourceAddress,
    leavesTo: "stopped",
    leavingSinceMs: nowMs,
    ...noMemory,
  };
}

/** It was configured, and nothing more. */
export function hasNotBegun({ phase, because }: RouterState): boolean {
  return phase === "initialize" && because.kind === "configured";
}

/** Of what a phase remembers of others, nothing. */
export const noMemory = {
  master: null,
  preempting: null,
  preemptDelay: "none",
  preemptDelayEndsMs: 0,
  yields: false,
  gaveGrace: false,
  claim: null,
  rival: null,
  heartbeat: null,
  stall: null,
} as const satisfies Partial<RouterState>;
