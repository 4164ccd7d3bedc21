import type { SessionView } from "../bfd/process/session-view.ts";
import type { BfdModel } from "../config/bfd-model.ts";
import type { Severity } from "../log/record.ts";

/** Supervisor → BFD process. */
export type ToBfd =
  /** First message of every BFD process. */
  | { readonly kind: "start"; readonly model: BfdModel }
  /** A new configuration; answered by `configured`. */
  | { readonly kind: "configure"; readonly id: number; readonly model: BfdModel }
  /** The last message: the neighbours are told. The process ends. */
  | { readonly kind: "stop" };

/** BFD process → supervisor. */
export type FromBfd =
  | { readonly kind: "started" }
  | { readonly kind: "configured"; readonly id: number }
  | { readonly kind: "failed"; readonly message: string }
  /** Sessions that are otherwise than before; all of them now and then, for their counters. */
  | { readonly kind: "views"; readonly views: readonly SessionView[] }
  | { readonly kind: "log"; readonly severity: Severity; readonly message: string };
