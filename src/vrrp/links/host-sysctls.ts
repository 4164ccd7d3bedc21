import type { VrrpModel } from "../../config/vrrp-model.ts";
import { placeOf } from "../addresses/desired.ts";
import { holdingsOf } from "../addresses/holdings-of.ts";
import type { InstanceLinks } from "./planned-link.ts";

/** A value below /proc/sys/net that the configuration asks for; what was there before comes back. */
export interface HostSysctl {
  readonly path: string;
  readonly value: string;
}

const IGMP_REPORTS = "ipv4/igmp_link_local_mcast_reports";

/** What disable_local_igmp and promote_secondaries ask for. Pure. */
export function hostSysctls(model: VrrpModel, links: ReadonlyMap<string, InstanceLinks>): HostSysctl[] {
  const holdings = new Map(holdingsOf(model, links).map((holding) => [holding.holder, holding]));
  const promoting = new Set<string>();
  for (const { name, interface: own, promoteSecondaries } of model.instances) {
    if (!promoteSecondaries) continue;
    if (own !== null) promoting.add(own);
    const holding = holdings.get(name);
    for (const address of holding?.addresses ?? []) {
      if (holding !== undefined && address.family === "inet") promoting.add(placeOf(address, holding));
    }
  }
  const promote = [...promoting].map((name) => ({ path: `ipv4/conf/${name}/promote_secondaries`, value: "1" }));
  return model.globals.disableLocalIgmp ? [{ path: IGMP_REPORTS, value: "0" }, ...promote] : promote;
}

/** Whether a value on record is of this kind: such ones come back as soon as they are not asked for any more. */
export function isHostSysctl(path: string): boolean {
  return path === IGMP_REPORTS || path.endsWith("/promote_secondaries");
}
