import type { VirtualAddress } from "../../config/network-model.ts";
import type { VrrpInstance } from "../../config/vrrp-model.ts";
import type { InstanceLinks } from "../links/planned-link.ts";
import type { AnnouncedAddress } from "./announcement.ts";
import type { Interfaces } from "./interfaces.ts";

/** The addresses that an instance announces, where they are now. Those on interfaces without a MAC or without ARP are not. */
export function announcedAddresses(
  instance: Pick<VrrpInstance, "addresses" | "excludedAddresses">,
  placement: InstanceLinks["placement"],
  interfaces: Pick<Interfaces, "link">,
): AnnouncedAddress[] {
  return [...instance.addresses, ...instance.excludedAddresses].flatMap((address) => {
    const link = interfaces.link(linkOf(address, placement));
    if (link === null || link.mac === null || link.noArp || link.loopback) return [];
    const { name, index, mac } = link;
    return [{ address: address.address, family: address.family, link: { name, index, mac }, router: false }];
  });
}

/** Name of the interface that an address sits on. */
export function linkOf(
  { placement, interface: on }: Pick<VirtualAddress, "placement" | "interface">,
  { instanceLink, ownLinks }: InstanceLinks["placement"],
): string {
  if (placement === "instance-vmac") return instanceLink ?? on;
  return placement === "own-vmac" ? (ownLinks[on] ?? on) : on;
}
