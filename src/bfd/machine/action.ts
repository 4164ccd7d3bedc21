import type { ControlPacket, SessionState } from "../packet/control-packet.ts";
import type { Rejection } from "../packet/rejection.ts";
import type { Reason } from "./reason.ts";

export interface StateChange {
  readonly from: SessionState;
  readonly to: SessionState;
  readonly lastedMs: number;
  readonly because: Reason;
}

/** What is to be done after a step, in this order. */
export type Action =
  | { readonly type: "send"; readonly packet: ControlPacket }
  | { readonly type: "changed"; readonly change: StateChange }
  /** It has had the time to come up, and did not: from now on it counts as down. */
  | { readonly type: "settled" }
  | { readonly type: "discarded"; readonly rejection: Rejection };
