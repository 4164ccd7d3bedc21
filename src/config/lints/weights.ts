import type { Problem } from "../expand/problem.ts";
import { instancesOf, OWNER_PRIORITY, priorityOf } from "./instances.ts";
import type { LintContext } from "./lint.ts";
import { type WeightedTrack, weightedTracks } from "./tracks.ts";

/** Bounds of a priority that tracking changes: 0 gives up and 255 is the owner (RFC 9568 section 5.2.4). */
const LOWEST = 1;
const HIGHEST = 254;

/** Weights that change nothing whatever the tracked things do. */
export function* weights({ config }: LintContext): Iterable<Problem> {
  const groups = new Map<string, string>();
  for (const group of config.vrrp_sync_group) {
    if (group === null || group.sync_group_tracking_weight === true || group.global_tracking === true) continue;
    for (const member of group.group ?? []) groups.set(member, group.name);
  }
  for (const { written, path } of instancesOf(config)) {
    const tracks = weightedTracks(config, written);
    const place = ({ keyword, word }: WeightedTrack) => ({ path: [...path, keyword], word });
    const group = groups.get(written.name);
    for (const [index, track] of tracks.entries()) {
      if (group !== undefined) {
        yield {
          ...place(track),
          code: "weight-in-sync-group",
          message: `${written.name} is in the sync group ${group}, whose members have one state: the weight of ${track.name} is void`,
          hint: "weight 0 makes it a fault of the whole group; or sync_group_tracking_weight in the group",
        };
        continue;
      }
      const why = whyVoid(priorityOf(written), track, tracks.toSpliced(index, 1));
      if (why === null) continue;
      const hint = "weight 0 makes it a fault; or leave room between the priority and 1 or 254";
      yield {
        ...place(track),
        code: "weight-without-effect",
        message: `the weight of ${track.name} is void: ${why}`,
        hint,
      };
    }
  }
}

/** The arithmetic that shows that a weight never changes the priority; null when it may. */
function whyVoid(priority: number, { change }: WeightedTrack, others: readonly WeightedTrack[]): string | null {
  // Weights of an owner are dropped, which the expansion says.
  if (priority === OWNER_PRIORITY || change === null || others.some((other) => other.change === null)) return null;
  // Between these lies the priority without this weight.
  const [least, most] = others.reduce(
    ([low, high], { change: other }) => {
      const { good, bad } = other ?? { good: 0, bad: 0 };
      return [low + Math.min(good, bad), high + Math.max(good, bad)] as const;
    },
    [priority, priority] as const,
  );
  const added = change.good + change.bad;
  const sum = (from: number) => `${from} ${added < 0 ? "-" : "+"} ${Math.abs(added)} = ${from + added}`;
  const without = least === most ? `${least}` : `${least} to ${most}`;
  if (added > 0 && least >= HIGHEST)
    return `the priority is ${without} without it and ${sum(least)} is cut to ${HIGHEST}`;
  if (added < 0 && most <= LOWEST)
    return `the priority is ${without} without it and ${sum(most)} is raised to ${LOWEST}`;
  return null;
}
