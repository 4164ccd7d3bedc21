import type { Path } from "../../locate.ts";
import type { VrrpInstance } from "../../vrrp-model.ts";
import type { Problem } from "../problem.ts";

/** An instance with the place of its block. */
export interface PlacedInstance {
  readonly instance: VrrpInstance;
  readonly path: Path;
}

/**
 * Two instances that are one and the same virtual router to everybody who hears them: both would be master, with other addresses.
 * keepalived ends at it. Unicast instances without a common peer are heard by different routers; one of them beside a multicast instance
 * is only remarked on (lint `duplicate-vrid`).
 */
export function refuseSharedNumbers(placed: readonly PlacedInstance[], problems: Problem[]): void {
  for (const [index, { instance, path }] of placed.entries()) {
    const { name, interface: link, virtualRouterId } = instance;
    const before = placed.slice(0, index).find((other) => isSameRouter(other.instance, instance));
    if (link === null || before === undefined) continue;
    problems.push({
      path: [...path, "virtual_router_id"],
      code: "duplicate-virtual-router",
      message: `${before.instance.name} is virtual router ${virtualRouterId} on ${link} already: ${name} would be its rival`,
      hint: "give each virtual router of a network a number of its own, or put the addresses into one instance",
    });
  }
}

function isSameRouter(one: VrrpInstance, other: VrrpInstance): boolean {
  return (
    one.virtualRouterId === other.virtualRouterId &&
    one.interface === other.interface &&
    one.family === other.family &&
    areHeardTogether(one.transport, other.transport)
  );
}

function areHeardTogether(one: VrrpInstance["transport"], other: VrrpInstance["transport"]): boolean {
  if (one.kind === "multicast" || other.kind === "multicast") return one.kind === other.kind;
  const peers = new Set(other.peers.map(({ address }) => address));
  return one.peers.some(({ address }) => peers.has(address));
}
