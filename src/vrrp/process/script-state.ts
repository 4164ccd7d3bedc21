import type { VrrpScript } from "../../config/vrrp-model.ts";

/** What the results of a vrrp_script add up to. */
export interface ScriptState {
  /** Null: not decided yet. */
  readonly value: "up" | "down" | null;
  /** Results in a row that speak against `value`. */
  readonly against: number;
}

/** init_fail counts as failed until it has succeeded; otherwise it counts for nothing until its first results. */
export function initialScriptState({ initFail }: Pick<VrrpScript, "initFail">): ScriptState {
  return { value: initFail ? "down" : null, against: 0 };
}

/**
 * One result more. `rise` successes in a row make it up, `fall` failures down; the first result of one that is not decided
 * yet decides, as keepalived has it: a script that is fine at the start is fine.
 */
export function afterResult(
  state: ScriptState,
  succeeded: boolean,
  { rise, fall }: Pick<VrrpScript, "rise" | "fall">,
): ScriptState {
  const result = succeeded ? "up" : "down";
  if (state.value === null) return { value: result, against: 0 };
  if (state.value === result) return state.against === 0 ? state : { ...state, against: 0 };
  const against = state.against + 1;
  return against >= (succeeded ? rise : fall) ? { value: result, against: 0 } : { ...state, against };
}
