import type { CheckedScript } from "../check.ts";
import { judgeScript, type RunScript } from "../misc/judge-script.ts";
import { startDeadline } from "./deadline.ts";
import type { Ending } from "./exchange.ts";

export interface ScriptCheckOptions {
  readonly script: CheckedScript;
  readonly dynamic: boolean;
  readonly timeoutMs: number;
  readonly runScript: RunScript;
}

/**
 * Has the script run and judges how it ended. Whoever runs it ends it at its deadline; ours is the same, so that a check ends in time
 * when nobody answers. Calls `done` once, not from within, and not after the returned function; a script that runs is left to its runner.
 */
export function startScriptCheck(
  { script, dynamic, timeoutMs, runScript }: ScriptCheckOptions,
  done: (ending: Ending) => void,
): () => void {
  let open = true;
  const cancelDeadline = startDeadline(timeoutMs, () => finish({ kind: "timed_out", afterMs: timeoutMs }));
  const failed = (error: unknown) =>
    finish({ kind: "not_run", message: error instanceof Error ? error.message : String(error) });
  runScript(script, timeoutMs).then(finish, failed);
  return end;

  function finish(outcome: Parameters<typeof judgeScript>[0]): void {
    if (!open) return;
    end();
    done(judgeScript(outcome, dynamic));
  }

  function end(): void {
    open = false;
    cancelDeadline();
  }
}
