import type { VrrpInstance } from "../../config/vrrp-model.ts";
import { placeOf } from "../addresses/desired.ts";
import type { Holding } from "../addresses/holding.ts";
import type { AnnouncedAddress } from "./announcement.ts";
import type { Interfaces } from "./interfaces.ts";

/** The addresses that an instance announces, where they are now. Those on interfaces without a MAC or without ARP are not. */
export function announcedAddresses(
  { name, addresses, excludedAddresses }: Pick<VrrpInstance, "name" | "addresses" | "excludedAddresses">,
  placement: Holding["placement"],
  interfaces: Pick<Interfaces, "link">,
): AnnouncedAddress[] {
  const holding: Holding = { holder: name, addresses: [], routes: [], rules: [], placement };
  return [...addresses, ...excludedAddresses].flatMap((address) => {
    const link = interfaces.link(placeOf(address, holding));
    if (link === null || link.mac === null || link.noArp || link.loopback) return [];
    const place = { name: link.name, index: link.index, mac: link.mac };
    return [{ address: address.address, family: address.family, link: place, router: false }];
  });
}
