import type { Problem } from "../expand/problem.ts";
import {
  instancesOf,
  isInet6,
  OWNER_PRIORITY,
  type PlacedInstance,
  priorityOf,
  type WrittenInstance,
} from "./instances.ts";
import type { LintContext } from "./lint.ts";

/** What would make two routers, or two instances, one and the same to the others. */
export function* virtualRouters({ config }: LintContext): Iterable<Problem> {
  const first = new Map<string, PlacedInstance>();
  for (const instance of instancesOf(config)) {
    const { written, path } = instance;
    const { interface: link, virtual_router_id: vrid, priority } = written;
    if (priority === undefined) {
      yield {
        path,
        code: "equal-priorities",
        message: `${written.name} has no priority: it has ${priorityOf(written)}, as every router that leaves it out`,
        hint:
          priorityOf(written) === OWNER_PRIORITY
            ? "with state MASTER that is the owner's: no tracking counts, and a peer may be one as well; write a priority"
            : "write a priority of its own on each: of equal ones the router with the higher address is master",
      };
    }
    if (link === undefined || vrid === undefined) continue;
    const key = `${link} ${vrid} ${isInet6(written)}`;
    const before = first.get(key);
    if (before === undefined) first.set(key, instance);
    else if (isUnicast(before.written) !== isUnicast(written)) {
      yield {
        path: [...path, "virtual_router_id"],
        code: "duplicate-vrid",
        message: `${before.written.name} is virtual router ${vrid} on ${link} already: each takes the other's adverts for those of a rival`,
        hint: "give each virtual router of a network a number of its own",
      };
    }
  }
}

/** Two of one kind are refused, or are heard by different routers. */
function isUnicast({ unicast_peer: peers = [] }: WrittenInstance): boolean {
  return peers.length > 0;
}
