import type { AddressFamily, IpvlanIsolation } from "ipvs-netlink";
import type { VrrpInstance } from "../../config/vrrp-model.ts";

/** An interface that the configuration needs on top of another. */
export interface PlannedLink {
  /** Name of the instance. */
  readonly holder: string;
  readonly name: string;
  /** Name of the interface below. */
  readonly base: string;
  /** Of the instance, or of the address that it is made for. */
  readonly family: AddressFamily;
  /** Whether IPv6 addresses are to be on it. */
  readonly inet6: boolean;
  readonly kind:
    | { readonly kind: "macvlan"; readonly mac: string }
    | { readonly kind: "ipvlan"; readonly isolation: IpvlanIsolation; readonly address: SourceAddress | null };
  /** Adverts go out through it: it needs an address to send from. */
  readonly sends: boolean;
}

interface SourceAddress {
  readonly address: string;
  readonly prefixLength: number;
}

/** The links of one instance, and where its addresses sit. */
export interface InstanceLinks {
  readonly links: readonly PlannedLink[];
  readonly placement: { readonly instanceLink: string | null; readonly ownLinks: Readonly<Record<string, string>> };
}

export interface LinkPrefixes {
  readonly vmacPrefix: string;
  readonly vmacAddressPrefix: string;
}

const IFNAMSIZ = 16;

/** Links of all instances, by instance name. Names do not depend on the order of states, only on the configuration. */
export function planLinks(instances: readonly VrrpInstance[], prefixes: LinkPrefixes): Map<string, InstanceLinks> {
  const taken = new Set(instances.flatMap(({ link }) => link?.interface ?? []));
  const free = (...wanted: readonly string[]): string => {
    const [first = ""] = wanted;
    const name = [...wanted, ...numbered(first)].find((each) => !taken.has(each)) ?? first;
    taken.add(name);
    return name;
  };
  return new Map(instances.map((instance) => [instance.name, planOf(instance, prefixes, free)]));
}

/** "vrrp.51.2", cut so that it fits. */
function numbered(name: string): string[] {
  return Array.from({ length: 255 }, (_, n) => {
    const suffix = `.${n + 2}`;
    return name.slice(0, IFNAMSIZ - 1 - suffix.length) + suffix;
  });
}

function planOf(
  instance: VrrpInstance,
  { vmacPrefix, vmacAddressPrefix }: LinkPrefixes,
  free: (...wanted: readonly string[]) => string,
): InstanceLinks {
  const { name: holder, link, family, virtualRouterId, interface: base } = instance;
  const links: PlannedLink[] = [];
  let instanceLink: string | null = null;
  if (link !== null && base !== null) {
    const digit = family === "inet" ? 4 : 6;
    instanceLink =
      link.interface ?? free(`${vmacPrefix}.${virtualRouterId}`, `${vmacPrefix}${digit}.${virtualRouterId}`);
    const inet6 = [...instance.addresses, ...instance.excludedAddresses].some(
      (address) => address.family === "inet6" && address.placement === "instance-vmac",
    );
    const common = { holder, name: instanceLink, base, family, inet6: inet6 || family === "inet6" };
    if (link.kind === "vmac") {
      const mac = link.mac ?? virtualMac(family, virtualRouterId);
      links.push({ ...common, kind: { kind: "macvlan", mac }, sends: !link.xmitBase });
    } else {
      const { address, prefixLength, mode: isolation } = link;
      const source = address === null ? null : { address, prefixLength: prefixLength ?? hostLength(family) };
      links.push({ ...common, kind: { kind: "ipvlan", isolation, address: source }, sends: true });
    }
  }
  const ownLinks: Record<string, string> = {};
  for (const address of [...instance.addresses, ...instance.excludedAddresses]) {
    if (address.placement !== "own-vmac" || ownLinks[address.interface] !== undefined) continue;
    const name = free(`${vmacAddressPrefix}.${virtualRouterId}.${links.length + 1}`);
    ownLinks[address.interface] = name;
    const kind = { kind: "macvlan", mac: virtualMac(address.family, virtualRouterId) } as const;
    const { family: own, interface: below } = address;
    links.push({ holder, name, base: below, family: own, inet6: own === "inet6", kind, sends: false });
  }
  return { links, placement: { instanceLink, ownLinks } };
}

/** RFC 9568 7.3. */
export function virtualMac(family: AddressFamily, virtualRouterId: number): string {
  return `00:00:5e:00:0${family === "inet" ? 1 : 2}:${virtualRouterId.toString(16).padStart(2, "0")}`;
}

function hostLength(family: AddressFamily): number {
  return family === "inet" ? 32 : 128;
}
