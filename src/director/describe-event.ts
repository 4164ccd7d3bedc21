import { describeReason, formatDuration, ordinal } from "@lbctl/checkers";
import { type Destination, endpointText, type Service } from "ipvs-netlink";
import { countOf } from "../text/count.ts";
import type { StateReason } from "./decision.ts";
import { describeSettings, differences } from "./describe-settings.ts";
import type { Drift } from "./drift.ts";
import type { DirectorEvent } from "./events.ts";
import { type OperationCounts, objectText, totalOf } from "./table-object.ts";

/** One log line: both ends of the change, how long the old state lasted, and why. */
export function describeEvent(event: DirectorEvent): string {
  switch (event.type) {
    case "real_server_changed":
      return `real_server ${event.virtualServer} ${endpointText(event.realServer)} ${event.from} -> ${event.to}${after(event.lastedMs)}: ${describeStateReason(event.reason)}`;
    case "quorum_changed": {
      const { met, weightUp, needed, hysteresis } = event;
      const threshold = met
        ? `reaches quorum ${needed}${hysteresis === 0 ? "" : ` + hysteresis ${hysteresis}`}`
        : event.lastedMs === null
          ? `is below quorum ${needed}${hysteresis === 0 ? "" : ` + hysteresis ${hysteresis}`}`
          : `is below quorum ${needed}${hysteresis === 0 ? "" : ` - hysteresis ${hysteresis}`}`;
      const change = event.lastedMs === null ? "starts lost" : met ? "lost -> met" : "met -> lost";
      return `quorum ${event.virtualServer} ${change}${after(event.lastedMs)}: live weight ${weightUp} ${threshold}`;
    }
    case "panic_changed": {
      const change = event.active ? "off -> on" : "on -> off";
      const then = event.active ? ": all of them take traffic" : "";
      return `panic ${event.virtualServer} ${change}${after(event.lastedMs)}: ${event.up} of ${countOf(event.counted, "real server")} up, threshold ${event.threshold}%${then}`;
    }
    case "sorry_server_changed": {
      const change = event.inService ? "out -> in service" : "in service -> out";
      const why = event.inService ? "quorum lost" : "quorum met";
      return `sorry_server ${event.virtualServer} ${endpointText(event.sorryServer)} ${change}${after(event.lastedMs)}: ${why}`;
    }
    case "adopted":
      return `adopted ${countOf(event.services, "service")} with ${countOf(event.destinations, "destination")} of the table found, ${describeCounts(event.operations)}`;
    case "applied":
      return `applied: ${describeCounts(event.operations)}, ${countOf(event.unchanged, "service")} unchanged${event.refused === 0 ? "" : `, ${event.refused} refused`}`;
    case "drift_repaired":
      return `drift ${describeDrift(event)}`;
    case "refused":
      return `refused ${event.refusal.message}; tried again from time to time`;
    case "refusal_ended":
      return `${event.refusal.object} refused -> settled${after(event.lastedMs)}, attempts: ${event.refusal.attempts}; it was ${event.refusal.message}`;
    case "data_plane_unavailable":
      return `data plane available -> unavailable: ${event.message}`;
    case "data_plane_available":
      return `data plane unavailable -> available${after(event.lastedMs)}`;
    case "record_ignored":
      return `record ${event.file} ignored: ${event.why}: ${event.detail}${event.keptAs === null ? "" : `; kept as ${event.keptAs}`}`;
    case "record_failed":
      return `record ${event.file}: cannot ${event.call}: ${event.message}`;
    case "ipvs_setting_changed":
      return `${event.setting} ${event.from} -> ${event.to}`;
    case "ipvs_setting_refused":
      return `${event.setting} refused: ${event.message}; tried again from time to time`;
    case "table_flushed":
      return "removed every service of the table: lvs_flush_on_stop";
    case "table_removed":
      return `removed ${countOf(event.services, "service")} of ours`;
  }
}

/** Why a real server is in its state, a sentence without its subject. */
export function describeStateReason(reason: StateReason): string {
  switch (reason.kind) {
    case "no_checks":
      return "no checker, always up";
    case "checks_passed":
      return "all checks pass";
    case "not_checked":
      return `${reason.check} has no verdict yet, counts as ${reason.countsAs}${reason.countsAs === "down" ? " (alpha)" : ""}`;
    case "check_failed": {
      if (reason.verdict === null) return `down before, and ${reason.check} has not passed since`;
      const count = reason.failures > 1 ? ` (${ordinal(reason.failures)} failure)` : "";
      return `${reason.check} ${describeReason(reason.verdict.reason, reason.verdict.url)}${count}`;
    }
    case "check_rising":
      return `${reason.check} passes again, ${reason.successes} of ${reason.rise} times in a row`;
    case "admin":
      return `${reason.adminState} by the operator`;
    case "agent":
      return `${reason.adminState} by its agent (${reason.check})`;
    case "quorum_lost":
      return "alive, but the quorum is lost and the sorry server takes the traffic";
  }
}

/** "TCP 192.0.2.1:80 -> 10.0.0.11:80: found weight 7, wanted weight 2: repaired (set-destination)". */
export function describeDrift({ object, operation, found, wanted }: Drift): string {
  return `${objectText(object)}: found ${sideOf("from", found, wanted)}, wanted ${sideOf("to", found, wanted)}: repaired (${operation})`;
}

/** "2 new-service, 1 del-destination", or "no operations". */
export function describeCounts(counts: OperationCounts): string {
  if (totalOf(counts) === 0) return "no operations";
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}

/** What sets this side apart from the other; everything if there is no other. */
function sideOf(side: "from" | "to", from: Service | Destination | null, to: Service | Destination | null): string {
  if (from !== null && to !== null) {
    return differences(from, to)
      .map((difference) => `${difference.name} ${difference[side]}`)
      .join(", ");
  }
  const object = side === "from" ? from : to;
  return object === null ? "none" : describeSettings(object);
}

function after(lastedMs: number | null): string {
  return lastedMs === null ? "" : ` after ${formatDuration(lastedMs)}`;
}
