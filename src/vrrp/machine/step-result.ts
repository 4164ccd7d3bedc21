import type { Action } from "./action.ts";
import type { IgnoreReason } from "./reason.ts";
import type { RouterState } from "./state.ts";

/** The router after an event, and what has to be done, in order. */
export interface Step {
  readonly state: RouterState;
  readonly actions: readonly Action[];
}

export function keep(state: RouterState, actions: readonly Action[] = nothing): Step {
  return { state, actions };
}

export function ignore(state: RouterState, reason: IgnoreReason): Step {
  return { state, actions: ignored[reason] };
}

const nothing: readonly Action[] = [];

// Made once: other people's adverts may come a hundred times a second.
const ignored: Readonly<Record<IgnoreReason, readonly Action[]>> = {
  not_started: [{ type: "ignored", reason: "not_started" }],
  in_fault: [{ type: "ignored", reason: "in_fault" }],
  stopped: [{ type: "ignored", reason: "stopped" }],
  leaving: [{ type: "ignored", reason: "leaving" }],
  lower_priority: [{ type: "ignored", reason: "lower_priority" }],
  other_resigned: [{ type: "ignored", reason: "other_resigned" }],
  resigned_before: [{ type: "ignored", reason: "resigned_before" }],
  own_address: [{ type: "ignored", reason: "own_address" }],
  owner: [{ type: "ignored", reason: "owner" }],
  not_master: [{ type: "ignored", reason: "not_master" }],
  not_concerned: [{ type: "ignored", reason: "not_concerned" }],
};
