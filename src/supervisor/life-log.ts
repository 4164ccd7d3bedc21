import type { ChangedBlock } from "../control/api.ts";
import { describeChanges } from "../control/describe-changes.ts";
import type { Logger } from "../log/logger.ts";
import { describeReport } from "./checkers/describe-report.ts";
import type { ApplyReport } from "./checkers/messages.ts";

// What becomes of the director itself, as lines and events.

export function logReady(log: Logger, report: ApplyReport): void {
  log.notice(`ready: ${describeReport(report)}`, { event: "ready" });
}

export function logReloaded(
  log: Logger,
  generation: number,
  report: ApplyReport,
  changes: readonly ChangedBlock[],
): void {
  const done = [describeReport(report), ...describeChanges(changes)].join("; ");
  const message = `reload: configuration ${generation} is in force: ${done}`;
  log.notice(message, { event: "reloaded", generation });
}

/** Keywords that a reload would change, and does not. */
export function logWaiting(log: Logger, keywords: readonly string[]): void {
  for (const keyword of keywords) log.warning(`reload: ${keyword} changes with a restart only, and stays as it was`);
}

export function logReloadFailed(log: Logger, generation: number, why: string): void {
  const message = `reload: configuration ${generation} is not carried out: ${why}`;
  log.error(message, { event: "reload_failed", generation });
}

/** `ipvs`: what becomes of our services, null when there are none to speak of. */
export function logStopping(log: Logger, ipvs: "keep" | "remove" | null): void {
  const what = { keep: "the table is kept", remove: "our services are removed from the table" };
  log.notice(ipvs === null ? "stopping" : `stopping: ${what[ipvs]}`, { event: "stopping" });
}
