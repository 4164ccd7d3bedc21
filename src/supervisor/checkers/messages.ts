import type { CheckState } from "@lbctl/checkers";
import type { Model } from "../../config/model.ts";
import type { ModelPatch } from "../../config/model-patch.ts";
import type { OperationSummary, RefusedObject } from "../../control/api.ts";
import type { ViewChange } from "../../control/view.ts";
import type { Override } from "../../director/facts.ts";
import type { Severity } from "../../log/record.ts";
import type { LvsNotifierMemory } from "../../notify/lvs-notifier.ts";
import type { Notification } from "../../notify/notification.ts";
import type { ScriptRequest, ScriptResult } from "../../notify/script-request.ts";
import type { TrackedNow } from "../vrrp/vrrp-messages.ts";
import type { CheckCounts } from "./check-counts.ts";
import type { DataPlaneName } from "./open-data-plane.ts";

/** What the checker process needs beside the model; it never changes while the daemon runs. */
export interface CheckerSettings {
  readonly dataPlane: DataPlaneName;
  readonly runDir: string;
  /** Path of the network namespace of the kernel's table; null: the own one. */
  readonly ipvsNetns: string | null;
}

/** What operators said of real servers, all of it, by `realServerKey`. */
export type OverrideRows = readonly (readonly [string, Override])[];

/** What a checker process leaves to the one that goes on for it, beside the table and the records. */
export interface CheckerEstate {
  /** By key. */
  readonly checks: readonly (readonly [string, CheckState])[];
  readonly told: LvsNotifierMemory;
}

/** Supervisor → checker. */
export type ToChecker =
  /** First message of every checker process: take the writer's lock, adopt the table, start checking. */
  | {
      readonly kind: "start";
      readonly generation: number;
      readonly model: Model;
      readonly settings: CheckerSettings;
      readonly tracked: readonly TrackedNow[];
      readonly overrides: OverrideRows;
      /** Another process still writes the table: get ready (`standing_by`), and do all this with `take`. */
      readonly standsBy: boolean;
    }
  /** After `standing_by`: begin; answered by `started`. */
  | {
      readonly kind: "take";
      /** Null: it is not known, or not understood. */
      readonly estate: CheckerEstate | null;
      readonly tracked: readonly TrackedNow[];
      readonly overrides: OverrideRows;
    }
  /** The last message: leave the table to another process; answered by `handed_over`, after which that one may write. */
  | { readonly kind: "hand_over"; readonly id: number }
  /** A new configuration, as its difference from the last one that this process was sent; answered by `configured`. */
  | { readonly kind: "configure"; readonly id: number; readonly generation: number; readonly patch: ModelPatch }
  /** What such a `configure` would write; answered by `planned`. */
  | { readonly kind: "plan"; readonly id: number; readonly patch: ModelPatch }
  /** The data plane was started again and is empty: fill it now. Not answered. */
  | { readonly kind: "reconcile" }
  /** In place of those before; answered by `overridden` when the table was written. */
  | { readonly kind: "override"; readonly id: number; readonly overrides: OverrideRows }
  /** Run these checks now, by key. Not answered. */
  | { readonly kind: "check_now"; readonly keys: readonly string[] }
  /** The VRRP instances that are master now; null: VRRP does not run here. Not answered. */
  | { readonly kind: "masters"; readonly names: readonly string[] | null }
  /** What is known now of things that checks are about (FILE_CHECK, BFD_CHECK). Not answered. */
  | { readonly kind: "tracked"; readonly values: readonly TrackedNow[] }
  /** What became of a script that it asked for. */
  | { readonly kind: "script_finished"; readonly result: ScriptResult }
  /** The last message: leave the table or remove our services, then exit; answered by `stopped`. */
  | { readonly kind: "stop"; readonly id: number; readonly ipvs: "keep" | "remove" };

/** Outcome of applying a configuration. */
export interface ApplyReport {
  readonly operations: Readonly<Record<string, number>>;
  readonly refused: readonly RefusedObject[];
  /** Why the data plane could not be reached; what is missing is written when it returns. */
  readonly unavailable: string | null;
}

/** Checker → supervisor. */
export type FromChecker =
  | { readonly kind: "standing_by" }
  | { readonly kind: "handed_over"; readonly id: number; readonly estate: CheckerEstate }
  | { readonly kind: "started"; readonly generation: number; readonly report: ApplyReport }
  | { readonly kind: "configured"; readonly id: number; readonly generation: number; readonly report: ApplyReport }
  | { readonly kind: "planned"; readonly id: number; readonly operations: readonly OperationSummary[] }
  | { readonly kind: "overridden"; readonly id: number }
  | { readonly kind: "stopped"; readonly id: number }
  /** Checks since the last message of its kind. */
  | { readonly kind: "counted"; readonly counted: CheckCounts }
  /** The request could not be carried out; nothing was changed by it. */
  | { readonly kind: "failed"; readonly id: number | null; readonly message: string; readonly hint: string }
  | { readonly kind: "view"; readonly change: ViewChange }
  /** To be told by the scripts process. */
  | { readonly kind: "notify"; readonly notifications: readonly Notification[] }
  /** To be run by the scripts process; answered by `script_finished`. */
  | { readonly kind: "run_script"; readonly request: ScriptRequest }
  | {
      readonly kind: "log";
      readonly severity: Severity;
      readonly message: string;
      readonly fields: Readonly<Record<string, string | number | boolean>>;
    };
