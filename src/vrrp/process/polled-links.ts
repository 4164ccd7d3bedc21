import type { VrrpModel } from "../../config/vrrp-model.ts";
import type { LinkMethod } from "./ask-link.ts";

/** Interfaces whose link is asked for, with the method to try first; null: in keepalived's order. Pure. */
export function polledLinks({ linkbeat, instances, syncGroups }: VrrpModel): Map<string, LinkMethod | null> {
  const polled = new Map<string, LinkMethod | null>();
  if (linkbeat.all) {
    for (const { interface: own, addresses, excludedAddresses } of instances) {
      if (own !== null) polled.set(own, null);
      for (const address of [...addresses, ...excludedAddresses]) polled.set(address.interface, null);
    }
    for (const { tracks } of [...instances, ...syncGroups]) {
      for (const { name } of tracks.interfaces) polled.set(name, null);
    }
  }
  for (const { interface: name, method } of linkbeat.interfaces) polled.set(name, method);
  return polled;
}
