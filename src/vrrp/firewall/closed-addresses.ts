import type { VrrpInstance } from "../../config/vrrp-model.ts";
import { placeOf } from "../addresses/desired.ts";
import type { InstanceLinks } from "../links/planned-link.ts";
import type { ClosedAddress } from "./ruleset.ts";

const OWNER_PRIORITY = 255;

/** The addresses that no packets are taken for: those of instances with no_accept that do not own them (RFC 9568 6.1, Accept_Mode). */
export function closedAddresses(
  instances: readonly VrrpInstance[],
  links: ReadonlyMap<string, InstanceLinks>,
  indexOf: (interfaceName: string) => number | null,
): ClosedAddress[] {
  return instances
    .filter(({ accept, basePriority }) => !accept && basePriority !== OWNER_PRIORITY)
    .flatMap(({ name, addresses, excludedAddresses }) => {
      const placement = links.get(name)?.placement ?? { instanceLink: null, ownLinks: {} };
      const holding = { holder: name, addresses: [], routes: [], rules: [], placement };
      return [...addresses, ...excludedAddresses].map((address) => {
        const name = placeOf(address, holding);
        return { address: address.address, interface: name, index: indexOf(name) };
      });
    });
}
