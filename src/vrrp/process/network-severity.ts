import type { Severity } from "../../log/record.ts";
import type { AddressEvent } from "../addresses/address-event.ts";
import type { LinkEvent } from "../links/link-event.ts";

/** How loud what happens to interfaces, addresses and filter rules is in the log. */
export const linkSeverity = {
  link_made: "info",
  link_adopted: "info",
  link_removed: "info",
  base_missing: "warning",
  name_taken: "error",
  link_refused: "error",
  sysctl_refused: "warning",
  link_record_failed: "error",
} as const satisfies Record<LinkEvent["type"], Severity>;

export const addressSeverity = {
  restored: "warning",
  withdrawn: "notice",
  left_away: "warning",
  cleaned: "notice",
  refused: "error",
  interface_missing: "warning",
  interface_found: "notice",
  group_lost: "error",
  group_whole: "notice",
  network_unavailable: "error",
  record_failed: "error",
} as const satisfies Record<AddressEvent["type"], Severity>;
