import { type AddressFamily, addressFamily } from "ipvs-netlink";
import { globalDefs, type WrittenVrrpInstance } from "../../keywords/table.ts";
import type { Path } from "../../locate.ts";
import type { VirtualAddress } from "../../network-model.ts";
import type { Tracks, VrrpInstance } from "../../vrrp-model.ts";
import { familyName } from "../real-server.ts";
import { expandAddress, type Surroundings } from "./address.ts";
import { expandAuthentication, expandHmac } from "./authentication.ts";
import { pathsOf, type VrrpContext } from "./context.ts";
import { expandElection, OWNER } from "./election.ts";
import { expandGarp } from "./garp.ts";
import { expandLink } from "./link.ts";
import { expandInstanceNotify } from "./notify.ts";
import { expandRoute } from "./route.ts";
import { expandRule } from "./rule.ts";
import { expandTracks, type Trackables, withoutTracks } from "./tracks.ts";
import { expandTransport } from "./transport.ts";

/** What the file says elsewhere about an instance. */
export interface InstanceSurroundings {
  /** The sync group it is in, and whether members have weights of their own there. */
  readonly group: { readonly name: string; readonly trackingWeight: boolean } | null;
  readonly trackables: Trackables;
}

/** Addresses that fit into an advert: their number is an octet, and IPv6 ones must leave an Ethernet frame whole. */
const mostAddresses: Readonly<Record<AddressFamily, number>> = { inet: 255, inet6: 89 };

/** An instance with everything inherited. Pure; what contradicts itself is said. */
export function expandInstance(
  written: WrittenVrrpInstance,
  { group, trackables }: InstanceSurroundings,
  path: Path,
  context: VrrpContext,
): VrrpInstance {
  const { globals } = context;
  const strict = written.strict_mode ?? globals.vrrp_strict ?? false;
  const family = expandFamily(written, path, context);
  const version = expandVersion(written, family, path, context);
  checkInterface(written, path, context);
  const transport = expandTransport(written, family, path, context);
  const link = expandLink(written, family, strict, path, context);
  const election = expandElection(written, version, strict, path, context);
  const around: Surroundings = {
    interface: written.interface ?? globals.default_interface ?? globalDefs.entries.default_interface.row.default,
    link: link !== null,
    vmacElsewhere: written.use_vmac_addr ?? false,
    tracking: { kind: "instance" },
  };
  const addressesOf = (keyword: "virtual_ipaddress" | "virtual_ipaddress_excluded") =>
    (written[keyword] ?? []).map((line, word) => expandAddress(line, around, pathsOf(path, keyword)(word), context));
  const addresses = addressesOf("virtual_ipaddress");
  checkAddresses(written, addresses, version, strict, path, context);
  return {
    name: written.name,
    syncGroup: group?.name ?? null,
    interface: written.interface ?? null,
    vrf: written.vrf ?? null,
    family,
    version,
    virtualRouterId: written.virtual_router_id,
    ...election,
    strict,
    transport,
    checksum: {
      v3AsV2: written.v3_checksum_as_v2 ?? globals.v3_checksum_as_v2 ?? false,
      oldUnicast: oldUnicast(written),
    },
    authentication: expandAuthentication(written, version, strict, path, context),
    hmac: expandHmac(written, election.advertMs, path, context),
    kernelRxBufSize: written.kernel_rx_buf_size ?? null,
    link,
    addresses,
    excludedAddresses: addressesOf("virtual_ipaddress_excluded"),
    routes: (written.virtual_routes ?? []).flatMap(
      (line, word) => expandRoute(line, around.tracking, pathsOf(path, "virtual_routes")(word), context) ?? [],
    ),
    rules: (written.virtual_rules ?? []).flatMap(
      (line, word) => expandRule(line, around.tracking, pathsOf(path, "virtual_rules")(word), context) ?? [],
    ),
    promoteSecondaries: written.promote_secondaries ?? false,
    garp: expandGarp(written, globals, strict),
    trackPrimary: !(written.dont_track_primary ?? false),
    trackSource: written.track_src_ip ?? false,
    tracks: tracksInForce(written, group?.trackingWeight === false, election.basePriority, trackables, path, context),
    notify: expandInstanceNotify(written, globals),
  };
}

/** That of the first virtual address; all that is in adverts or sends them must agree. */
function expandFamily(written: WrittenVrrpInstance, path: Path, { problems }: VrrpContext): AddressFamily {
  const inAdverts = (written.virtual_ipaddress ?? []).map((line, word) => ({
    address: (line.address ?? "").split("/")[0] as string,
    path: [...path, "virtual_ipaddress"],
    word,
  }));
  const single = (["unicast_src_ip", "mcast_src_ip", "mcast_dst_ip"] as const).flatMap((keyword) => {
    const address = written[keyword];
    return address === undefined ? [] : [{ address, path: [...path, keyword], word: 0 }];
  });
  const peers = (written.unicast_peer ?? []).map(({ address = "" }, word) => ({
    address,
    path: [...path, "unicast_peer"],
    word,
  }));
  const all = [...inAdverts, ...single, ...peers];
  const first = all[0]?.address;
  const family = first === undefined ? "inet" : addressFamily(first);
  for (const { address, path: at, word } of all) {
    if (addressFamily(address) === family) continue;
    const message = `${address} is ${familyName(addressFamily(address))}, and the instance is ${familyName(family)} by ${first}`;
    const hint = at.at(-1) === "virtual_ipaddress" ? "virtual_ipaddress_excluded takes both families" : null;
    problems.push({ path: at, word, code: "family-mismatch", message, hint });
  }
  return family;
}

function expandVersion(
  { version }: WrittenVrrpInstance,
  family: AddressFamily,
  path: Path,
  { globals, problems }: VrrpContext,
): 2 | 3 {
  if (family === "inet") return (version ?? globals.vrrp_version ?? 2) === 3 ? 3 : 2;
  if (version === 2) {
    const message = "VRRP version 2 is for IPv4, and the addresses are IPv6";
    problems.push({ path: [...path, "version"], code: "family-mismatch", message, hint: "leave out version: it is 3" });
  }
  return 3;
}

function checkInterface(written: WrittenVrrpInstance, path: Path, { problems }: VrrpContext): void {
  const { interface: name, vrf, unicast_peer: peers = [] } = written;
  if (name !== undefined && vrf !== undefined) {
    const message = "vrf is for instances without an interface: an interface is in its VRF already";
    problems.push({ path: [...path, "vrf"], code: "conflicting-keywords", message, hint: "keep one of them" });
  }
  if (name !== undefined) return;
  const linkLocal = peers.find(({ address = "" }) => /^fe[89ab][0-9a-f]:/.test(address))?.address;
  if (peers.length > 0 && linkLocal === undefined) return;
  const message =
    linkLocal === undefined
      ? "vrrp_instance needs interface"
      : `vrrp_instance needs interface: ${linkLocal} is a link-local address`;
  problems.push({ path, code: "missing-keyword", message, hint: "interface: where adverts are sent and received" });
}

function checkAddresses(
  written: WrittenVrrpInstance,
  addresses: readonly VirtualAddress[],
  version: 2 | 3,
  strict: boolean,
  path: Path,
  { problems }: VrrpContext,
): void {
  const [first] = addresses;
  if (first === undefined) {
    if (written.no_virtual_ipaddress === true) return;
    const message = "the instance has no virtual_ipaddress: its adverts would list none";
    const hint = "add virtual_ipaddress; or no_virtual_ipaddress, if that is meant";
    const fatal = version === 3 || strict;
    problems.push({ path, code: fatal ? "missing-keyword" : "no-virtual-address", message, hint });
    return;
  }
  const most = mostAddresses[first.family];
  if (addresses.length > most) {
    const message = `${addresses.length} addresses do not fit into an advert, which takes ${most}`;
    const hint = "put the others into virtual_ipaddress_excluded";
    problems.push({ path: [...path, "virtual_ipaddress"], word: most, code: "out-of-range", message, hint });
  }
  if (strict && first.family === "inet6" && !/^fe[89ab][0-9a-f]:/.test(first.address)) {
    const message = `the first IPv6 address must be link-local in strict_mode (RFC 9568 5.2.9), and ${first.address} is not`;
    const hint = "put one of fe80::/10 first, the same on every router";
    problems.push({ path: [...path, "virtual_ipaddress"], word: 0, code: "invalid-value", message, hint });
  }
}

function oldUnicast({ old_unicast_checksum: written }: WrittenVrrpInstance): "auto" | "always" | "never" {
  return written === undefined ? "auto" : (written ?? "always");
}

/** As keepalived: no weights for an owner, nor in a sync group that has none; its own interface is tracked anyway. */
function tracksInForce(
  written: WrittenVrrpInstance,
  withoutWeights: boolean,
  basePriority: number,
  trackables: Trackables,
  path: Path,
  context: VrrpContext,
): Tracks {
  const tracks = expandTracks(written, trackables, path, context);
  const owner = basePriority === OWNER;
  return withoutTracks(tracks, ({ name, weight }, kind) => {
    const own = kind === "interfaces" && name === written.interface;
    if (own) {
      const message = `${name} is the instance's own interface, which it watches anyway`;
      context.problems.push({ path: [...path, "track_interface"], code: "no-effect", message });
    } else if (owner && weight !== 0) {
      const message = `${name} is not tracked: its weight cannot change the priority of an owner, which is always ${OWNER}`;
      const hint =
        written.priority === undefined
          ? "state MASTER without a priority has 255: add priority"
          : "with weight 0 it would be a fault when it is bad";
      context.problems.push({ path: [...path, keywordOf[kind]], code: "corrected-setting", message, hint });
    }
    // That weights do not count in a sync group is for a lint to explain.
    return own || ((owner || withoutWeights) && weight !== 0);
  });
}

const keywordOf: Readonly<Record<keyof Tracks, keyof WrittenVrrpInstance>> = {
  interfaces: "track_interface",
  scripts: "track_script",
  files: "track_file",
  processes: "track_process",
  bfds: "track_bfd",
  virtualServers: "track_virtual_server",
};
