import type { VrrpInstance } from "../../config/vrrp-model.ts";
import { closedAddresses } from "../firewall/closed-addresses.ts";
import type { FirewallNeeds } from "../firewall/ruleset.ts";
import type { InstanceLinks } from "../links/planned-link.ts";
import type { Interfaces } from "./interfaces.ts";

/** What our filter rules have to hold: by the configuration and by which interfaces there are. */
export function firewallNeeds(
  instances: readonly VrrpInstance[],
  planned: ReadonlyMap<string, InstanceLinks>,
  interfaces: Pick<Interfaces, "link">,
): FirewallNeeds {
  const links = [...planned.values()].flatMap((each) => each.links);
  return {
    closed: closedAddresses(instances, planned, (name) => interfaces.link(name)?.index ?? null),
    vmacs: links
      .filter(({ name, kind }) => kind.kind === "macvlan" && interfaces.link(name) !== null)
      .map(({ name, base }) => ({ name, base })),
  };
}
