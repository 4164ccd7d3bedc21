import type { Tracks, VrrpModel } from "../../config/vrrp-model.ts";
import type { TrackKind } from "../../vrrp/machine/standing.ts";
import type { TrackedNow } from "./vrrp-messages.ts";

/** Interfaces are not here: the VRRP process knows them by itself. */
const kinds: readonly (readonly [TrackKind, keyof Tracks])[] = [
  ["script", "scripts"],
  ["file", "files"],
  ["process", "processes"],
  ["bfd", "bfds"],
  ["virtual_server", "virtualServers"],
];

/** Whether an instance or a sync group of the configuration watches a thing; of others VRRP is told nothing. Pure. */
export function trackedBy({ instances, syncGroups }: VrrpModel): (now: TrackedNow) => boolean {
  const names = new Map(
    kinds.map(([kind, list]) => [
      kind,
      new Set([...instances, ...syncGroups].flatMap(({ tracks }) => tracks[list].map(({ name }) => name))),
    ]),
  );
  return ({ source }) => names.get(source.kind)?.has(source.name) ?? false;
}
