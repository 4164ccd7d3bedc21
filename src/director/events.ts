import type { DecisionEvent } from "./decision-events.ts";
import type { Drift } from "./drift.ts";
import type { Refusal } from "./refusals.ts";
import type { OperationCounts } from "./table-object.ts";

/** Everything the director tells. Closed union, plain data; `describeEvent` has a log line for each. */
export type DirectorEvent =
  | DecisionEvent
  /** The table of a predecessor was taken over at the start. */
  | {
      readonly type: "adopted";
      readonly services: number;
      readonly destinations: number;
      readonly operations: OperationCounts;
    }
  /** A configuration was carried out. */
  | {
      readonly type: "applied";
      readonly operations: OperationCounts;
      readonly unchanged: number;
      readonly refused: number;
    }
  | ({ readonly type: "drift_repaired" } & Drift)
  | { readonly type: "refused"; readonly refusal: Refusal }
  | { readonly type: "refusal_ended"; readonly refusal: Refusal; readonly lastedMs: number }
  | { readonly type: "data_plane_unavailable"; readonly message: string }
  | { readonly type: "data_plane_available"; readonly lastedMs: number }
  /** A record of the run-time directory was not used. `keptAs` is where a damaged one was put aside. */
  | {
      readonly type: "record_ignored";
      readonly file: string;
      readonly why: "stale" | "corrupt";
      readonly detail: string;
      readonly keptAs: string | null;
    }
  | {
      readonly type: "record_failed";
      readonly call: "read" | "write";
      readonly file: string;
      readonly message: string;
    }
  /** lvs_timeouts or lvs_sync_daemon: configured, or set again after others had changed them. */
  | {
      readonly type: "ipvs_setting_changed";
      readonly setting: "lvs_timeouts" | "lvs_sync_daemon";
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly type: "ipvs_setting_refused";
      readonly setting: "lvs_timeouts" | "lvs_sync_daemon";
      readonly message: string;
    }
  | { readonly type: "table_flushed" }
  | { readonly type: "table_removed"; readonly services: number };
