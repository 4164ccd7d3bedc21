import type { Severity } from "../../log/record.ts";
import type { StateChange } from "../machine/action.ts";
import { describeChange } from "../machine/describe.ts";
import { describeRejection, type Rejection } from "../packet/rejection.ts";

/** What the runner tells, for the log. */
export type BfdEvent =
  | { readonly type: "changed"; readonly session: string; readonly change: StateChange }
  | { readonly type: "settled"; readonly session: string }
  /** `session` null: it is for nobody here. */
  | {
      readonly type: "discarded";
      readonly session: string | null;
      readonly source: string;
      readonly rejection: Rejection;
    }
  | { readonly type: "send_failed"; readonly session: string; readonly errno: string }
  | { readonly type: "send_works"; readonly session: string }
  | { readonly type: "socket_failed"; readonly message: string };

/** The log line of an event and how much it matters. */
export function describeBfdEvent(event: BfdEvent): { readonly severity: Severity; readonly message: string } {
  switch (event.type) {
    case "changed": {
      const { from, to } = event.change;
      const message = describeChange(event.session, event.change);
      return { severity: from === "up" && to === "down" ? "warning" : "notice", message };
    }
    case "settled":
      return { severity: "warning", message: `bfd ${event.session} has not come up in time: it counts as down` };
    case "discarded": {
      const whose = event.session === null ? "bfd" : `bfd ${event.session}`;
      const message = `${whose}: packet from ${event.source} ignored: ${describeRejection(event.rejection)}`;
      return { severity: severityOf(event.rejection), message };
    }
    case "send_failed":
      return {
        severity: "warning",
        message: `bfd ${event.session}: packets cannot be sent: ${event.errno}${hints[event.errno] ?? ""}`,
      };
    case "send_works":
      return { severity: "notice", message: `bfd ${event.session}: packets can be sent again` };
    case "socket_failed":
      return { severity: "error", message: `bfd: ${event.message}` };
  }
}

/** What a machine searches the log and the events for. */
export function bfdEventFields(event: BfdEvent): Record<string, string | number> {
  if (event.type !== "changed") return {};
  const { from, to, lastedMs } = event.change;
  return { event: "bfd_state_changed", bfd_instance: event.session, from, to, lasted_ms: Math.round(lastedMs) };
}

/** Who started again is sent packets for the session that was: that is how the neighbour learns of it. */
function severityOf({ kind }: Rejection): Severity {
  return kind === "unknown_discriminator" || kind === "admin_down" ? "info" : "warning";
}

const hints: Readonly<Record<string, string>> = {
  EPERM: " (a packet filter drops them)",
  ENETUNREACH: " (no route to the neighbour)",
  EHOSTUNREACH: " (no route to the neighbour)",
  EINVAL: " (the source address is not there, or the neighbour is link-local and has no interface)",
  ENOBUFS: " (the interface's queue is full)",
};
