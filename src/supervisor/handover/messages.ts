import type { Diagnostic } from "../../config/diagnostics.ts";
import type { ControlErrorCode, ReloadResult } from "../../control/api.ts";
import type { Resumed } from "../vrrp/vrrp-messages.ts";
import type { Part } from "./estate.ts";

/** Tells a program that it is started as the successor of a director that runs; what it is to know comes over the channel of Node. */
export const successorVariable = "LBCTL_SUCCESSOR";

/** Whether this process is one; it is where its predecessor is. */
export function isSuccessor(): boolean {
  return process.env[successorVariable] !== undefined;
}

/** Where the files of the director are: they stay where they are, wherever the successor would have them. */
export interface Places {
  readonly runDir: string;
  readonly stateDir: string;
  readonly pidFile: string;
  /** Where no file was named, another one may be the first by now. Older predecessors do not say it. */
  readonly configFile?: string;
  /** Path of the network namespace of the kernel's table; null: the own one. Valid as long as the predecessor runs. */
  readonly ipvsNetns: string | null;
  /** The pattern of core dumps before -M; null: none was set. Absent in what older versions say, which restore it themselves. */
  readonly corePatternBefore?: string | null;
}

/**
 * Predecessor → successor. These messages are JSON, and understood by every version of lbctl that can be upgraded: what may change from one to
 * the next is packed (`estate.ts`) and has a version.
 */
export type ToSuccessor =
  /** `beginning` is a packed `Beginning`. */
  | {
      readonly kind: "begin";
      readonly version: string;
      readonly estateVersion: number;
      readonly places: Places;
      readonly beginning: string;
    }
  /** This part of it acts no more: go on from there. `estate` is packed; `resumed` is for who does not understand it. */
  | { readonly kind: "take"; readonly part: Part; readonly estate: string; readonly resumed: Resumed };

/** Successor → predecessor. */
export type FromSuccessor =
  /** It ends, and has changed nothing. */
  | {
      readonly kind: "refused";
      readonly code: ControlErrorCode;
      readonly message: string;
      readonly hint: string;
      readonly diagnostics?: readonly Diagnostic[] | undefined;
    }
  /** Ready to take over. `carries`: it understands the estate, or goes on from what the kernel and the records say. */
  | { readonly kind: "standing_by"; readonly version: string; readonly carries: Carries }
  | { readonly kind: "taken"; readonly part: Part }
  /** It is the director now. Null: the configuration file says what it said before. */
  | { readonly kind: "settled"; readonly reload: ReloadResult | { readonly refused: string } | null };

export type Carries = "everything" | "adoption";
