import type { View } from "../../control/view.ts";
import { countOf } from "../../text/count.ts";

/** The line for `systemctl status`: "configuration 2: 3 virtual servers; VRRP: 1 master, 2 backup". Pure. */
export function serviceStatus({
  generation,
  model,
  instances,
}: Pick<View, "generation" | "model" | "instances">): string {
  const states = Map.groupBy(instances, ({ state }) => state);
  const vrrp = [...states].map(([state, those]) => `${those.length} ${state}`).sort();
  const servers = countOf(model.virtualServers.length, "virtual server");
  return `configuration ${generation}: ${servers}${vrrp.length === 0 ? "" : `; VRRP: ${vrrp.join(", ")}`}`;
}
