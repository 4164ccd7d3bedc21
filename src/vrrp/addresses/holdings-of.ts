import type { VrrpModel } from "../../config/vrrp-model.ts";
import type { InstanceLinks } from "../links/planned-link.ts";
import type { Holding } from "./holding.ts";

/** Holder of what is always there. No instance can have this name: it is no word. */
export const STATIC_HOLDER = "(static)";

const noPlacement = { instanceLink: null, ownLinks: {} };

/** What the configuration gives to whom: static things first, then the instances in their order. */
export function holdingsOf(model: VrrpModel, links: ReadonlyMap<string, InstanceLinks>): Holding[] {
  const { staticAddresses, staticRoutes, staticRules, instances } = model;
  const fixed: Holding = {
    holder: STATIC_HOLDER,
    addresses: staticAddresses,
    routes: staticRoutes,
    rules: staticRules,
    placement: noPlacement,
  };
  return [
    fixed,
    ...instances.map(({ name, addresses, excludedAddresses, routes, rules }) => ({
      holder: name,
      addresses: [...addresses, ...excludedAddresses],
      routes,
      rules,
      placement: links.get(name)?.placement ?? noPlacement,
    })),
  ];
}
