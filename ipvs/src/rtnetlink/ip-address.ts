import { addressFamily } from "../table.ts";

/** IFA_F_* that a caller may set. `home` is IFA_F_HOMEADDRESS, `autojoin` IFA_F_MCAUTOJOIN. */
export type AddressFlag = "home" | "nodad" | "mngtmpaddr" | "noprefixroute" | "autojoin";

/** An address of an interface, as it is set. */
export interface AddressSettings {
  /** Index of the interface. */
  readonly interface: number;
  readonly address: string;
  /** Of the peer when there is one. */
  readonly prefixLength: number;
  /** The other end of a point-to-point link. */
  readonly peer: string | null;
  /** rt_scope: 0 global, 200 site, 253 link, 254 host, 255 nowhere. IPv6 derives it from the address. */
  readonly scope: number;
  /** IPv4. */
  readonly broadcast: string | null;
  /** IPv4; the kernel's default is the interface's name. */
  readonly label: string | null;
  /** Null is forever; 0 makes the address deprecated. */
  readonly preferredLifetimeS: number | null;
  /** Null is forever; 0 is none that can be set. */
  readonly validLifetimeS: number | null;
  /** In the order of the type. */
  readonly flags: readonly AddressFlag[];
  /** IFA_PROTO (Linux 5.18), who set it; null where nobody said or the kernel does not know. */
  readonly protocol: number | null;
}

/** An address as the kernel has it. */
export interface AddressEntry extends AddressSettings {
  /** IPv4: another address of the same network was there first. */
  readonly secondary: boolean;
  /** IPv6: duplicate address detection is under way. */
  readonly tentative: boolean;
  /** IPv6: another host has the address. */
  readonly dadFailed: boolean;
  readonly deprecated: boolean;
  /** Not made by the kernel from router advertisements. */
  readonly permanent: boolean;
}

/** What tells addresses apart: the kernel refuses a second one with the same. */
export type AddressKey = Pick<AddressSettings, "interface" | "address" | "prefixLength" | "peer">;

/**
 * Text identity. IPv4 addresses differ by prefix and peer too; of IPv6 an interface has each address once, whatever its
 * prefix (net/ipv4/devinet.c, net/ipv6/addrconf.c).
 */
export function addressKeyText({ interface: index, address, prefixLength, peer }: AddressKey): string {
  if (addressFamily(address) === "inet6") return `${address} on ${index}`;
  return `${address}${peer === null ? "" : ` peer ${peer}`}/${prefixLength} on ${index}`;
}
