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

/**
 * What is announced again and again on interfaces that have addresses and no adverts (garp_extra_if), for switches to remember
 * where they are: the first address of each family, as keepalived does (seen on 2.2.7).
 */
export function extraAnnounced(
  announced: readonly AnnouncedAddress[],
  /** `advertsOn`: where adverts go through. Unless `all`, only VMACs count. */
  {
    advertsOn,
    vmacs,
    all,
  }: { readonly advertsOn: string | null; readonly vmacs: ReadonlySet<string>; readonly all: boolean },
): AnnouncedAddress[] {
  const firsts = new Map<string, AnnouncedAddress>();
  for (const each of announced) {
    const { link, family } = each;
    if (link.name === advertsOn || !(all || vmacs.has(link.name))) continue;
    const place = `${link.name} ${family}`;
    if (!firsts.has(place)) firsts.set(place, each);
  }
  return [...firsts.values()];
}
