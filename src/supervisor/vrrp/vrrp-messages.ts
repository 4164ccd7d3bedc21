import type { VrrpModel } from "../../config/vrrp-model.ts";
import type { Severity } from "../../log/record.ts";
import type { TrackedValue } from "../../vrrp/machine/assess.ts";
import type { Phase } from "../../vrrp/machine/phase.ts";
import type { TrackSource } from "../../vrrp/machine/standing.ts";
import type { ToldCounters } from "../../vrrp/process/counters.ts";
import type { InstanceView } from "../../vrrp/process/instance-view.ts";
import type { RunnerEvent } from "../../vrrp/process/runner-event.ts";
import type { RunnerSnapshot } from "../../vrrp/process/runner-snapshot.ts";

/** What the VRRP process needs beside the model; it never changes while the daemon runs. */
export interface VrrpSettings {
  readonly runDir: string;
  /** There is a service manager, which will start the supervisor again if it dies. */
  readonly isService: boolean;
}

/** Instances of a predecessor that were master, and when each last told so, in ms since the machine was started. */
export type Resumed = readonly { readonly instance: string; readonly aliveMs: number }[];

/** What a VRRP process leaves to the one that goes on for it. */
export interface VrrpEstate {
  /** Null: it is not known, or not understood. */
  readonly snapshot: RunnerSnapshot | null;
  readonly resumed: Resumed;
}

export interface TrackedNow {
  readonly source: TrackSource;
  readonly value: TrackedValue;
  /** Why it is so, for who shows it. */
  readonly why?: string;
}

/** Supervisor → VRRP process. */
export type ToVrrp =
  /** First message of every VRRP process. */
  | {
      readonly kind: "start";
      readonly model: VrrpModel;
      readonly settings: VrrpSettings;
      readonly resumed: Resumed;
      readonly tracked: readonly TrackedNow[];
      /** Another process still acts: get ready (`standing_by`), and act with `take`. */
      readonly standsBy: boolean;
    }
  /** After `standing_by`: act from now on; answered by `started`. */
  | { readonly kind: "take"; readonly estate: VrrpEstate; readonly tracked: readonly TrackedNow[] }
  /** The predecessor will not come back: who is orphaned from now on gives everything back. */
  | { readonly kind: "settled" }
  /** The last message: stop acting, leave everything. Answered by `handed_over`, after which another process may act. */
  | { readonly kind: "hand_over"; readonly id: number }
  /** A new configuration, and what is known of all that it tracks; answered by `configured`. */
  | {
      readonly kind: "configure";
      readonly id: number;
      readonly model: VrrpModel;
      readonly tracked: readonly TrackedNow[];
    }
  | { readonly kind: "tracked"; readonly values: readonly TrackedNow[] }
  /** Every instance counts from zero again. */
  | { readonly kind: "clear_counters" }
  /** What its instances have counted is asked for: `views` and `counters` that are news come first, then `counted`. */
  | { readonly kind: "count"; readonly id: number }
  /** Answered by `failed_over`. */
  | { readonly kind: "failover"; readonly id: number; readonly instance: string }
  /** The last message: resign and give everything back, or leave all as it is; then exit. Answered by `stopped`. */
  | { readonly kind: "stop"; readonly id: number; readonly vrrp: "keep" | "release" };

/** VRRP process → supervisor. */
export type FromVrrp =
  | { readonly kind: "started" }
  | { readonly kind: "standing_by" }
  | { readonly kind: "handed_over"; readonly id: number; readonly snapshot: RunnerSnapshot; readonly atMs: number }
  | { readonly kind: "configured"; readonly id: number }
  | { readonly kind: "failed_over"; readonly id: number; readonly phase: Phase | null }
  | { readonly kind: "counted"; readonly id: number; readonly worstLateMs: number }
  | { readonly kind: "stopped"; readonly id: number }
  /** The request could not be carried out. */
  | { readonly kind: "failed"; readonly id: number | null; readonly message: string }
  /** It is master of these from now on. */
  | { readonly kind: "masters"; readonly masters: readonly string[]; readonly leaving: readonly string[] }
  /** It runs, and still is master of some. */
  | { readonly kind: "alive" }
  | { readonly kind: "views"; readonly views: readonly InstanceView[] }
  | { readonly kind: "counters"; readonly counted: ToldCounters }
  | { readonly kind: "events"; readonly events: readonly RunnerEvent[] }
  | {
      readonly kind: "log";
      readonly severity: Severity;
      readonly message: string;
      readonly fields?: Readonly<Record<string, string | number>> | undefined;
    };
