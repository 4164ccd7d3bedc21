/** Network interfaces as plain data. Names are the kernel's; an interface is identified by its index. */

export interface Link {
  readonly index: number;
  readonly name: string;
  /** IFLA_INFO_KIND with its settings; `other` is a kind without settings here, null a link without kind (physical, loopback). */
  readonly details: LinkDetails | null;
  /** Link-layer address, null where there is none (ppp) . */
  readonly mac: string | null;
  readonly mtu: number;
  /** IFF_UP: administratively up. */
  readonly up: boolean;
  /** IFF_LOWER_UP: carrier. */
  readonly lowerUp: boolean;
  readonly operState: OperState;
  readonly loopback: boolean;
  readonly multicast: boolean;
  readonly noArp: boolean;
  readonly pointToPoint: boolean;
  /** Index of the link below (macvlan, ipvlan, VLAN); of a veth, its peer's. In another namespace when `parentNetnsId` is set. */
  readonly parent: number | null;
  readonly parentNetnsId: number | null;
  /** Index of the bridge, bond or VRF it belongs to. */
  readonly master: number | null;
  /** IFLA_IFALIAS: free text, up to 255 octets. */
  readonly alias: string | null;
  /** Table of the VRF that it belongs to. */
  readonly vrfTable: number | null;
}

/** IF_OPER_* (RFC 2863). */
export type OperState = "unknown" | "notpresent" | "down" | "lowerlayerdown" | "testing" | "dormant" | "up";

export type LinkDetails =
  | { readonly kind: "macvlan"; readonly mode: MacvlanMode }
  | { readonly kind: "ipvlan"; readonly mode: IpvlanMode; readonly isolation: IpvlanIsolation }
  | { readonly kind: "vrf"; readonly table: number }
  | { readonly kind: "vlan"; readonly id: number }
  | { readonly kind: "other"; readonly name: string };

export type MacvlanMode = "private" | "vepa" | "bridge" | "passthru" | "source";
export type IpvlanMode = "l2" | "l3" | "l3s";
export type IpvlanIsolation = "bridge" | "private" | "vepa";

/** A link to create. It is down at first, unless `up`. What is not here (an alias) the kernel takes only afterwards. */
export interface NewLink {
  readonly name: string;
  readonly details:
    | { readonly kind: "macvlan"; readonly mode: MacvlanMode }
    | { readonly kind: "ipvlan"; readonly mode: IpvlanMode; readonly isolation: IpvlanIsolation }
    | { readonly kind: "vrf"; readonly table: number }
    | { readonly kind: "dummy" };
  /** Index of the link below; needed for macvlan and ipvlan. */
  readonly parent?: number;
  readonly mac?: string;
  readonly up?: boolean;
}

/** Changes to a link; what is absent stays. */
export interface LinkChange {
  readonly up?: boolean;
  readonly mac?: string;
  readonly name?: string;
  readonly alias?: string;
  /** 0 takes it out. */
  readonly master?: number;
  readonly mtu?: number;
  /** How IPv6 makes link-local addresses: "none" makes no one. */
  readonly addressGeneration?: AddressGeneration;
}

/** IN6_ADDR_GEN_MODE_*. */
export type AddressGeneration = "eui64" | "none" | "stable-privacy" | "random";
