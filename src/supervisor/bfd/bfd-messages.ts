import type { SessionSnapshot } from "../../bfd/process/runner.ts";
import type { SessionView } from "../../bfd/process/session-view.ts";
import type { BfdModel } from "../../config/bfd-model.ts";
import type { LogRecord, Severity } from "../../log/record.ts";

/** What a BFD process leaves to the one that goes on for it. */
export interface BfdEstate {
  /** Null: they are not known, or not understood. */
  readonly sessions: readonly SessionSnapshot[] | null;
  readonly views: readonly SessionView[];
}

/** Supervisor → BFD process. */
export type ToBfd =
  /** First message of every BFD process. */
  | {
      readonly kind: "start";
      readonly model: BfdModel;
      /** Another process still runs the sessions: get ready (`standing_by`), and begin with `take`. */
      readonly standsBy: boolean;
    }
  /** After `standing_by`: go on from there; answered by `started`. */
  | { readonly kind: "take"; readonly sessions: BfdEstate["sessions"] }
  /** The predecessor will not come back: who is orphaned from now on takes the sessions down. */
  | { readonly kind: "settled" }
  /** The last message: the neighbours are told nothing. Answered by `handed_over`, after which another process may go on. */
  | { readonly kind: "hand_over"; readonly id: number }
  /** A new configuration; answered by `configured`. */
  | { readonly kind: "configure"; readonly id: number; readonly model: BfdModel }
  /** The last message: the neighbours are told. The process ends. */
  | { readonly kind: "stop" };

/** BFD process → supervisor. */
export type FromBfd =
  | { readonly kind: "standing_by" }
  | { readonly kind: "handed_over"; readonly id: number; readonly sessions: readonly SessionSnapshot[] }
  | { readonly kind: "started" }
  | { readonly kind: "configured"; readonly id: number }
  | { readonly kind: "failed"; readonly message: string }
  /** Sessions that are otherwise than before; all of them now and then, for their counters. */
  | { readonly kind: "views"; readonly views: readonly SessionView[] }
  | {
      readonly kind: "log";
      readonly severity: Severity;
      readonly message: string;
      readonly fields: LogRecord["fields"];
    };
