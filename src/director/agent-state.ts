import type { Check, CheckSpec, CheckState } from "@lbctl/checkers";
import { keyOf } from "./check-key.ts";

/** What an agent wants of a real server, like an operator. */
export interface AgentState {
  readonly adminState: "disabled" | "drained";
  readonly check: CheckSpec["type"];
}

/** What the agents of a real server said last: "maint" goes before "drain"; null where none of them wants it out of service. */
export function agentState(checks: readonly Check[], states: ReadonlyMap<string, CheckState>): AgentState | null {
  let drained: AgentState | null = null;
  for (const check of checks) {
    const mode = states.get(keyOf(check))?.mode;
    if (mode === "maint") return { adminState: "disabled", check: check.spec.type };
    if (mode === "drain") drained ??= { adminState: "drained", check: check.spec.type };
  }
  return drained;
}
