import type { VrrpModel } from "../../config/vrrp-model.ts";
import type { VirtualAddressName } from "../../web/told.ts";

/** Without those that are excluded from adverts, as exporters of keepalived have it. */
export function virtualAddressNames({ instances, globals }: VrrpModel): VirtualAddressName[] {
  return instances.flatMap(({ name, addresses, link, virtualRouterId }) => {
    const vmac = link?.kind === "vmac" ? (link.interface ?? `${globals.vmacPrefix}.${virtualRouterId}`) : null;
    return addresses.map(({ address, prefixLength, interface: on, placement }) => ({
      instance: name,
      address: `${address}/${prefixLength}`,
      interface: placement === "instance-vmac" && vmac !== null ? `${vmac}@${on}` : on,
    }));
  });
}
