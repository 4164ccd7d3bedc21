import type { NotifySettings } from "../config/notify-model.ts";
import type { TimedScript } from "../config/program-model.ts";
import type { Logger } from "../log/logger.ts";
import { describeEnd, succeeded } from "../notify/script-request.ts";
import { ScriptsLink } from "./scripts-link.ts";

/**
 * Runs startup_script before the other processes start, or shutdown_script when they have ended, and waits for it. As with
 * keepalived, one that fails is said and changes nothing.
 */
export async function runEdgeScript(
  edge: "startup_script" | "shutdown_script",
  timed: TimedScript | null,
  settings: NotifySettings,
  log: Logger,
): Promise<void> {
  if (timed === null) return;
  const { script, timeoutMs } = timed;
  log.notice(`${edge}: ${script.command}`);
  const scripts = new ScriptsLink(settings, log);
  const result = await scripts.run({ id: 1, script, moreArguments: [], timeoutMs, target: null });
  await scripts.end();
  if (succeeded(result)) return;
  const output = result.output.trim();
  log.warning(`${edge} ${describeEnd(result.end)}${output === "" ? "" : `: ${output}`}`);
}
