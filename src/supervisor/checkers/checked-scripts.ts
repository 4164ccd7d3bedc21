import type { RunScript, ScriptOutcome } from "@lbctl/checkers";
import type { ScriptClient } from "../../notify/script-client.ts";
import { describeEnd, type ScriptResult } from "../../notify/script-request.ts";

/** Has the scripts of MISC_CHECK run by the scripts process, under its script security; none waits for another. */
export function scriptRunner(scripts: Pick<ScriptClient, "run">): RunScript {
  return async (script, timeoutMs) => {
    const { end } = await scripts.run({ script, moreArguments: [], timeoutMs, target: null });
    return outcomeOf(end);
  };
}

function outcomeOf(end: ScriptResult["end"]): ScriptOutcome {
  if (end.kind === "not_started") return { kind: "not_run", message: `it ${describeEnd(end)}` };
  return end;
}
