import type { Model } from "../config/model.ts";
import type { VrrpModel } from "../config/vrrp-model.ts";

/** A machine that only does VRRP needs no IPVS; sync daemons copy connections of services that others may have put there. */
export function needsIpvs({ virtualServers, globalDefs }: Model): boolean {
  return virtualServers.length > 0 || globalDefs.ipvs.syncDaemon !== null;
}

/** Whether there is anything for the VRRP process to do. */
export function needsVrrp({ instances, staticAddresses, staticRoutes, staticRules }: VrrpModel): boolean {
  return instances.length + staticAddresses.length + staticRoutes.length + staticRules.length > 0;
}
