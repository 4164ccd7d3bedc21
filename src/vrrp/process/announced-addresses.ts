import type { VrrpInstance } from "../../config/vrrp-model.ts";
import { placeOf } from "../addresses/desired.ts";
import type { Holding } from "../addresses/holding.ts";
import type { InstanceLinks } from "../links/planned-link.ts";
import type { AnnouncedAddress } from "./announcement.ts";
import type { Interfaces } from "./interfaces.ts";

/**
 * The addresses that an instance announces, where they are now. Those on interfaces without a MAC or without ARP are not. On what
 * was made on top of an interface this machine is a router if it is on that, as with keepalived (seen on 2.2.7).
 */
export function announcedAddresses(
  { name, addresses, excludedAddresses }: Pick<VrrpInstance, "name" | "addresses" | "excludedAddresses">,
  { links, placement }: InstanceLinks,
  interfaces: Pick<Interfaces, "link" | "forwardsIpv6">,
): AnnouncedAddress[] {
  const holding: Holding = { holder: name, addresses: [], routes: [], rules: [], placement };
  const bases = new Map(links.map((link) => [link.name, link.base]));
  const forwarding = new Map<string, boolean>();
  const isRouter = (on: string): boolean => {
    const base = bases.get(on) ?? on;
    const known = forwarding.get(base) ?? interfaces.forwardsIpv6(base);
    forwarding.set(base, known);
    return known;
  };
  return [...addresses, ...excludedAddresses].flatMap((virtual) => {
    const { address, family } = virtual;
    const link = interfaces.link(placeOf(virtual, holding));
    if (link === null || link.mac === null || link.noArp || link.loopback) return [];
    const place = { name: link.name, index: link.index, mac: link.mac };
    return [{ address, family, link: place, router: family === "inet6" && isRouter(link.name) }];
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
