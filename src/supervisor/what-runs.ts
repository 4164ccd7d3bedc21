import { withoutTracks } from "../config/expand/vrrp/tracks.ts";
import type { Model } from "../config/model.ts";
import type { Tracks, VrrpModel } from "../config/vrrp-model.ts";

/** A machine that only does VRRP needs no IPVS; sync daemons copy connections of services that others may have put there. */
export function needsIpvs({ virtualServers, globalDefs }: Model): boolean {
  return virtualServers.length > 0 || globalDefs.ipvs.syncDaemon !== null;
}

/** Whether there is anything for the VRRP process to do. */
export function needsVrrp({ instances, staticAddresses, staticRoutes, staticRules }: VrrpModel): boolean {
  return instances.length + staticAddresses.length + staticRoutes.length + staticRules.length > 0;
}

/** The same where nobody checks virtual servers: none is tracked. */
export function withoutVirtualServers(vrrp: VrrpModel): VrrpModel {
  const untracked = <T extends { readonly tracks: Tracks }>(each: T): T => ({
    ...each,
    tracks: withoutTracks(each.tracks, (_, kind) => kind === "virtualServers"),
  });
  return { ...vrrp, instances: vrrp.instances.map(untracked), syncGroups: vrrp.syncGroups.map(untracked) };
}
