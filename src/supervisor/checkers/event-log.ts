import { endpointText } from "ipvs-netlink";
import type { DirectorEvent } from "../../director/events.ts";
import type { Severity } from "../../log/record.ts";

/** How urgent an event is for whoever reads the log. */
export function eventSeverity(event: DirectorEvent): Severity {
  switch (event.type) {
    case "real_server_changed":
      return event.to === "down" ? "warning" : "notice";
    case "quorum_changed":
      return event.met ? "notice" : "error";
    case "panic_changed":
      return event.active ? "error" : "notice";
    case "sorry_server_changed":
      return event.inService ? "warning" : "notice";
    case "drift_repaired":
      return "warning";
    case "refused":
    case "ipvs_setting_refused":
    case "data_plane_unavailable":
    case "record_failed":
      return "error";
    case "record_ignored":
      return event.why === "corrupt" ? "error" : "info";
    case "refusal_ended":
    case "data_plane_available":
    case "table_removed":
    case "table_flushed":
    case "ipvs_setting_changed":
      return "notice";
    case "adopted":
    case "applied":
      return "info";
  }
}

/** What a machine searches the log for. */
export function eventFields(event: DirectorEvent): Record<string, string | number | boolean> {
  switch (event.type) {
    case "real_server_changed": {
      const { virtualServer, realServer, from, to, lastedMs } = event;
      return {
        event: event.type,
        virtual_server: virtualServer,
        real_server: endpointText(realServer),
        from,
        to,
        lasted_ms: Math.round(lastedMs),
      };
    }
    case "quorum_changed":
      return {
        ...{ event: event.type, virtual_server: event.virtualServer, met: event.met },
        ...ends(event.met, "lost", "met", event.lastedMs),
      };
    case "panic_changed":
      return {
        ...{ event: event.type, virtual_server: event.virtualServer, active: event.active },
        ...ends(event.active, "off", "on", event.lastedMs),
      };
    case "sorry_server_changed":
      return {
        ...{ event: event.type, virtual_server: event.virtualServer, in_service: event.inService },
        ...ends(event.inService, "out", "in service", event.lastedMs),
      };
    case "refused":
    case "refusal_ended":
      return { event: event.type, object: event.refusal.object, errno: event.refusal.errno };
    case "ipvs_setting_changed":
    case "ipvs_setting_refused":
      return { event: event.type, setting: event.setting };
    default:
      return { event: event.type };
  }
}

/** Both ends of a change between two states, and how long the old one lasted; at the start there is no old one. */
function ends(isOther: boolean, one: string, other: string, lastedMs: number | null): Record<string, string | number> {
  const [from, to] = isOther ? [one, other] : [other, one];
  return lastedMs === null ? { to } : { from, to, lasted_ms: Math.round(lastedMs) };
}
