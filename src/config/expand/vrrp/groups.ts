import type { WrittenTrackGroup, WrittenVrrpSyncGroup } from "../../keywords/table.ts";
import type { Path } from "../../locate.ts";
import type { TrackGroup, VrrpSyncGroup } from "../../vrrp-model.ts";
import type { VrrpContext } from "./context.ts";
import { expandNotify } from "./notify.ts";
import { expandTracks, namesHint, type Trackables } from "./tracks.ts";

/** Names of instances; null when some have errors, so that not all names are known. */
export type InstanceNames = ReadonlyMap<string, unknown> | null;

export function expandSyncGroups(
  groups: readonly (WrittenVrrpSyncGroup | null)[],
  instances: InstanceNames,
  trackables: Trackables,
  context: VrrpContext,
): VrrpSyncGroup[] {
  const groupOf = new Map<string, string>();
  return groups.flatMap((written, index): VrrpSyncGroup[] => {
    if (written === null) return [];
    const path = ["vrrp_sync_group", index];
    const members = knownMembers(written.group, instances, path, context).filter((member) => {
      const word = written.group.lastIndexOf(member);
      const other = groupOf.get(member);
      if (other === undefined) groupOf.set(member, written.name);
      else {
        const message = `${member} is in sync group ${other} already`;
        const hint = other === written.name ? "keep one of them" : "an instance can be in one group only";
        context.problems.push({ path: [...path, "group"], word, code: "duplicate-reference", message, hint });
      }
      return other === undefined;
    });
    if (members.length === 1) {
      const message = `${members[0]} is alone in its sync group`;
      const hint = "a group is for instances that change their state together";
      context.problems.push({ path: [...path, "group"], code: "lonely-sync-group", message, hint });
    }
    return [
      {
        name: written.name,
        members,
        tracks: expandTracks(written, trackables, path, context),
        // keepalived 2.2.7 does no more for global_tracking: what another member tracks changes no priority.
        trackingWeight: written.sync_group_tracking_weight === true || written.global_tracking === true,
        notify: expandNotify(written, context.globals),
      },
    ];
  });
}

export function expandTrackGroups(
  groups: readonly (WrittenTrackGroup | null)[],
  instances: InstanceNames,
  context: VrrpContext,
): TrackGroup[] {
  return groups.flatMap((written, index): TrackGroup[] => {
    if (written === null) return [];
    const members = knownMembers(written.group ?? [], instances, ["track_group", index], context);
    return [{ name: written.name, members: [...new Set(members)] }];
  });
}

function knownMembers(
  members: readonly string[],
  instances: InstanceNames,
  path: Path,
  { problems }: VrrpContext,
): readonly string[] {
  return members.filter((member, word) => {
    if (instances === null || instances.has(member)) return true;
    const message = `there is no vrrp_instance ${member}`;
    const hint = namesHint("vrrp_instance", instances);
    problems.push({ path: [...path, "group"], word, code: "unknown-reference", message, hint });
    return false;
  });
}
