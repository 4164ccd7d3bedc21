import type { VirtualServerDecision } from "../../director/decision.ts";
import type { TrackedNow } from "../vrrp/vrrp-messages.ts";

/** What VRRP is told of virtual servers: one counts as up while its quorum is met. */
export function quorumsOf(decisions: readonly VirtualServerDecision[]): TrackedNow[] {
  return decisions.map(({ name, quorum }) => ({
    source: { kind: "virtual_server", name },
    value: quorum.met ? "up" : "down",
  }));
}
