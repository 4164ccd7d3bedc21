import type { VrrpModel } from "../config/vrrp-model.ts";
import type { Severity } from "../log/record.ts";
import type { TrackedValue } from "../vrrp/machine/assess.ts";
import type { TrackSource } from "../vrrp/machine/standing.ts";
import type { InstanceView } from "../vrrp/process/instance-view.ts";
import type { RunnerEvent } from "../vrrp/process/runner-event.ts";

/** What the VRRP process needs beside the model; it never changes while the daemon runs. */
export interface VrrpSettings {
  readonly runDir: string;
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
      /** Instances of a predecessor that were master, and when each last told so, in ms since the machine was started. */
      readonly resumed: readonly { readonly instance: string; readonly aliveMs: number }[];
      readonly tracked: readonly TrackedNow[];
    }
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
  /** Answered by `failed_over`. */
  | { readonly kind: "failover"; readonly id: number; readonly instance: string }
  /** The last message: resign and give everything back, or leave all as it is; then exit. Answered by `stopped`. */
  | { readonly kind: "stop"; readonly id: number; readonly vrrp: "keep" | "release" };

/** VRRP process → supervisor. */
export type FromVrrp =
  | { readonly kind: "started" }
  | { readonly kind: "configured"; readonly id: number }
  | { readonly kind: "failed_over"; readonly id: number; readonly known: boolean }
  | { readonly kind: "stopped"; readonly id: number }
  /** The request could not be carried out. */
  | { readonly kind: "failed"; readonly id: number | null; readonly message: string }
  /** It runs, and is master of these. */
  | { readonly kind: "alive"; readonly masters: readonly string[]; readonly worstLateMs: number }
  | { readonly kind: "views"; readonly views: readonly InstanceView[] }
  | { readonly kind: "events"; readonly events: readonly RunnerEvent[] }
  | {
      readonly kind: "log";
      readonly severity: Severity;
      readonly message: string;
      readonly fields?: Readonly<Record<string, string | number>> | undefined;
    };
