import type { VrrpInstance } from "../../config/vrrp-model.ts";
import type { Fault } from "../machine/standing.ts";
import type { InterfaceState } from "./interfaces.ts";

/** What keeps an instance from taking part, other than what it tracks. */
export function ownFaults(
  instance: Pick<VrrpInstance, "interface" | "trackPrimary" | "transport">,
  facts: {
    readonly stateOf: (name: string) => InterfaceState;
    /** The interface that adverts go through: the instance's own, or what was made on top of it. */
    readonly link: string | null;
    readonly hasSource: boolean;
  },
): Fault[] {
  const faults: Fault[] = [];
  const { interface: base, transport, trackPrimary } = instance;
  for (const name of new Set([base, facts.link])) {
    if (name === null) continue;
    const state = facts.stateOf(name);
    if (state === "missing") faults.push({ kind: "interface_missing", interface: name });
    // What was made on top goes down with what is below, and counts with it.
    else if (state === "down" && (trackPrimary || name !== base))
      faults.push({ kind: "interface_down", interface: name });
  }
  if (!facts.hasSource) faults.push({ kind: "no_source_address", interface: base });
  if (transport.kind === "unicast" && transport.peers.length === 0) faults.push({ kind: "no_unicast_peer" });
  return faults;
}
