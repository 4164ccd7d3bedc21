import type { Path } from "../../locate.ts";
import type { VrrpInstance } from "../../vrrp-model.ts";
import type { Problem } from "../problem.ts";

/**
 * A VRID, a family and an interface are one virtual router, unless nobody on the wire could mix two of them up: other peers,
 * other groups, or one unicast and the other not. `paths` are those of the instances.
 */
export function checkRouterIds(instances: readonly VrrpInstance[], paths: readonly Path[], problems: Problem[]): void {
  const byRouter = new Map<string, VrrpInstance[]>();
  for (const [index, instance] of instances.entries()) {
    const key = [instance.interface, instance.vrf, instance.family, instance.virtualRouterId].join(" ");
    const others = byRouter.get(key) ?? [];
    const other = others.find((each) => collide(each, instance));
    if (other !== undefined) {
      const message = `${other.name} has VRID ${instance.virtualRouterId} on ${instance.interface ?? "no interface"} already`;
      const hint = "each virtual router of a network has a VRID of its own";
      const path = [...(paths[index] as Path), "virtual_router_id"];
      problems.push({ path, code: "duplicate-vrid", message, hint });
    }
    byRouter.set(key, [...others, instance]);
  }
}

function collide({ transport: a }: VrrpInstance, { transport: b }: VrrpInstance): boolean {
  if (a.kind === "multicast" && b.kind === "multicast") return a.group === b.group;
  if (a.kind === "multicast" || b.kind === "multicast") return false;
  const peers = new Set(a.peers.map(({ address }) => address));
  return a.peers.length === 0 || b.peers.length === 0 || b.peers.some(({ address }) => peers.has(address));
}
