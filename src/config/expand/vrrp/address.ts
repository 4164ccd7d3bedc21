import { type AddressFamily, addressFamily, formatAddress, parseAddress } from "ipvs-netlink";
import type { WrittenVrrpInstance } from "../../keywords/table.ts";
import type { AddressFlag, Placement, Tracking, VirtualAddress } from "../../network-model.ts";
import { type Line, resolveName, type VrrpContext } from "./context.ts";

type VirtualLine = NonNullable<WrittenVrrpInstance["virtual_ipaddress"]>[number];

/** What lines of virtual_ipaddress and of static_ipaddress may hold. */
export type AddressLine = VirtualLine & { readonly track_group?: string };

/** Where addresses without `dev` are, and what is made there. */
export interface Surroundings {
  readonly interface: string;
  /** The instance has a VMAC or an ipvlan. */
  readonly link: boolean;
  /** use_vmac_addr: addresses elsewhere get a VMAC there. */
  readonly vmacElsewhere: boolean;
  readonly tracking: Tracking;
}

const flags: readonly { readonly keyword: keyof AddressLine; readonly flag: AddressFlag }[] = [
  { keyword: "home", flag: "home" },
  { keyword: "-nodad", flag: "nodad" },
  { keyword: "mngtmpaddr", flag: "mngtmpaddr" },
  { keyword: "noprefixroute", flag: "noprefixroute" },
  { keyword: "autojoin", flag: "autojoin" },
];

export function expandAddress(
  written: AddressLine,
  around: Surroundings,
  line: Line,
  context: VrrpContext,
): VirtualAddress {
  const [address = "", length] = (written.address ?? "").split("/");
  const family = addressFamily(address);
  const whole = family === "inet" ? 32 : 128;
  const prefixLength = length === undefined ? whole : Number(length);
  checkOptions(written, family, prefixLength < whole, line, context);
  return {
    family,
    address,
    prefixLength: written.peer === undefined ? prefixLength : whole,
    peer: written.peer ?? null,
    interface: written.dev ?? around.interface,
    placement: placementOf(written, around),
    scope: resolveName(written.scope ?? "global", "scopes", 255, line, context) ?? 0,
    broadcast: broadcastOf(written.brd ?? written.broadcast, address, prefixLength),
    label: written.label ?? null,
    // RFC 6724: an address that is deprecated is not taken as source, as VIPs should not be.
    preferredLifetimeS:
      written.preferred_lft !== undefined
        ? written.preferred_lft
        : family === "inet6" && prefixLength === 128
          ? 0
          : null,
    flags: flags.filter(({ keyword }) => written[keyword] === true).map(({ flag }) => flag),
    tracking: trackingOf(written, around.tracking),
  };
}

function placementOf({ dev, use_vmac: own }: AddressLine, around: Surroundings): Placement {
  if (dev === undefined || dev === around.interface)
    return around.link ? "instance-vmac" : own ? "own-vmac" : "interface";
  return own === true || around.vmacElsewhere ? "own-vmac" : "interface";
}

/** `group` and `none` as written, otherwise what holds for lines that say nothing. */
export function trackingOf(
  { no_track: untracked, track_group: group }: { readonly no_track?: true; readonly track_group?: string },
  otherwise: Tracking,
): Tracking {
  if (untracked) return { kind: "none" };
  return group === undefined ? otherwise : { kind: "group", group };
}

function checkOptions(
  written: AddressLine,
  family: AddressFamily,
  hasLength: boolean,
  line: Line,
  { problems }: VrrpContext,
): void {
  const { address, peer, label, brd = written.broadcast } = written;
  const refuse = (message: string, hint: string) =>
    problems.push({ ...line, code: "conflicting-keywords", message, hint });
  if (peer !== undefined && addressFamily(peer) !== family) {
    const message = `${address} and its peer ${peer} are of different families`;
    problems.push({ ...line, code: "family-mismatch", message });
  } else if (peer !== undefined && hasLength) {
    refuse(`${address} has a peer, and then no prefix length`, "leave the length out: the network is the peer alone");
  }
  if (family === "inet6" && brd !== undefined) refuse(`${address} is IPv6, which has no broadcast`, "leave out brd");
  if (family === "inet6" && label !== undefined) refuse(`${address} is IPv6, which has no labels`, "leave out label");
}

/** `+` sets the host bits, `-` clears them. */
function broadcastOf(written: string | undefined, address: string, prefixLength: number): string | null {
  if (written === undefined || (written !== "+" && written !== "-")) return written ?? null;
  const octets = parseAddress(address);
  if (octets === null || address.includes(":")) return null;
  for (let bit = prefixLength; bit < 32; bit++) {
    const mask = 0x80 >> (bit % 8);
    const at = bit >> 3;
    octets[at] = written === "+" ? (octets[at] ?? 0) | mask : (octets[at] ?? 0) & ~mask;
  }
  return formatAddress("inet", octets);
}
