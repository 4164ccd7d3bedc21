import type { Severity } from "../../log/record.ts";
import { describeChange, describePriorityChange } from "../machine/describe.ts";
import type { Remark } from "../packet/accept-advert.ts";
import type { RunnerEvent } from "./runner-event.ts";

/** The log line of an event and how much it matters; null: nothing to log. */
export function describeRunnerEvent(
  event: RunnerEvent,
): { readonly severity: Severity; readonly message: string } | null {
  switch (event.type) {
    case "changed":
      return { severity: event.change.to === "fault" ? "warning" : "notice", message: describeChange(event.change) };
    case "priority_changed":
      return { severity: "notice", message: describePriorityChange(event.change) };
    case "lower_priority_received":
    case "moved":
      return null;
    case "warned":
      return { severity: "warning", message: `vrrp ${event.instance}: ${event.message}` };
    case "advert_rejected": {
      const from = event.source === null ? "" : ` from ${event.source}`;
      return { severity: "warning", message: `vrrp ${event.instance}: advert${from} ignored: ${event.message}` };
    }
    case "advert_remarked": {
      const message = `vrrp ${event.instance}: advert from ${event.source}: ${describeRemark(event.remark)}`;
      return { severity: "info", message };
    }
    case "unknown_vrid": {
      const where = event.interface === null ? "" : ` on ${event.interface}`;
      const message = `advert from ${event.source}${where} for virtual_router_id ${event.virtualRouterId}, which no instance here has`;
      return { severity: "info", message };
    }
    case "send_failed": {
      const message = `vrrp ${event.instance}: adverts cannot be sent: ${event.errno}${hints[event.errno] ?? ""}`;
      return { severity: "warning", message };
    }
    case "socket_failed":
      return { severity: "error", message: `vrrp ${event.instance}: ${event.message}` };
  }
}

/** What a machine searches the log and the events for. */
export function runnerEventFields(event: RunnerEvent): Record<string, string | number> {
  switch (event.type) {
    case "changed": {
      const { instance, from, to, lastedMs, priority } = event.change;
      return { event: "vrrp_state_changed", instance, from, to, lasted_ms: Math.round(lastedMs), priority };
    }
    case "priority_changed": {
      const { instance, from, to } = event.change;
      return { event: "vrrp_priority_changed", instance, from, to };
    }
    case "unknown_vrid": {
      const { virtualRouterId, source } = event;
      return { event: "vrrp_unknown_vrid", virtual_router_id: virtualRouterId, source };
    }
    case "advert_remarked":
      return { event: "vrrp_advert_remarked", instance: event.instance, source: event.source };
    case "advert_rejected":
      return {
        event: "vrrp_advert_rejected",
        instance: event.instance,
        ...(event.source === null ? {} : { source: event.source }),
      };
    case "lower_priority_received":
      return { event: "vrrp_lower_priority_received", instance: event.instance };
    case "moved":
    case "warned":
    case "send_failed":
    case "socket_failed":
      return { event: `vrrp_${event.type}`, instance: event.instance };
  }
}

const hints: Readonly<Record<string, string>> = {
  EPERM: " (a packet filter drops them: the other routers will take over)",
  ENETUNREACH: " (the interface is down, or there is no route to the peer)",
  ENETDOWN: " (the interface is down)",
  ENOBUFS: " (the interface's queue is full)",
};

function describeRemark(remark: Remark): string {
  switch (remark.kind) {
    case "checksum":
      return `its checksum is made over the ${texts[remark.got]}, ours over the ${texts[remark.ours]}; both are accepted`;
    case "advert-interval":
      return `advert_int ${remark.gotMs} ms, ours is ${remark.oursMs} ms`;
    case "unsigned":
      return "not signed, which auth_hmac permits";
  }
}

const texts = {
  message: "message alone",
  "pseudo-header": "message and a pseudo header",
  "old-unicast": "message and keepalived 1.3.6's pseudo header",
} as const;
