import type { CheckedScript } from "../check.ts";
import type { Findings, Reason, ScriptFailure } from "../verdict.ts";

/** How a script ended, or why it did not run. */
export type ScriptOutcome = { readonly kind: "exited"; readonly status: number } | ScriptFailure;

/** Runs a script under its user; `timeoutMs` after its start it is ended. */
export type RunScript = (script: CheckedScript, timeoutMs: number) => Promise<ScriptOutcome>;

/** For engines that were given nothing that runs scripts. */
export const runsNoScripts: RunScript = async () => ({ kind: "not_run", message: "nothing here runs scripts" });

/**
 * What the end of a script means (keepalived.conf(5), MISC_CHECK): 0 passes, anything else fails; with misc_dynamic 2 to 255 pass
 * and say the weight, two less, whatever it was before, and 0 says that it is the configured one, as observed of keepalived 2.2.7.
 */
export function judgeScript(
  outcome: ScriptOutcome,
  dynamic: boolean,
): { readonly ok: true; readonly findings: Findings } | { readonly ok: false; readonly reason: Reason } {
  if (outcome.kind === "exited") {
    if (outcome.status === 0) return { ok: true, findings: dynamic ? { weight: "configured" } : {} };
    if (dynamic && outcome.status >= 2) return { ok: true, findings: { weight: outcome.status - 2 } };
  }
  return { ok: false, reason: { kind: "script", end: outcome } };
}
