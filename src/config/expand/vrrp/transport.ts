import { type AddressFamily, addressFamily } from "ipvs-netlink";
import type { WrittenVrrpInstance } from "../../keywords/table.ts";
import { globalDefs } from "../../keywords/table.ts";
import type { Path } from "../../locate.ts";
import type { Transport, UnicastPeer } from "../../vrrp-model.ts";
import type { VrrpContext } from "./context.ts";

const rows = globalDefs.entries;

/** Where adverts go: unicast as soon as there are peers. */
export function expandTransport(
  written: WrittenVrrpInstance,
  family: AddressFamily,
  path: Path,
  context: VrrpContext,
): Transport {
  const source = written.unicast_src_ip ?? written.mcast_src_ip ?? null;
  const peers = expandPeers(written, path, context);
  if (peers.length > 0 || written.unicast_fault_no_peer === true) {
    const limited = (written.unicast_peer ?? []).some(
      (peer) => peer.min_ttl !== undefined || peer.max_ttl !== undefined,
    );
    if (written.mcast_dst_ip !== undefined) {
      const message = "mcast_dst_ip changes nothing with unicast_peer";
      context.problems.push({ path: [...path, "mcast_dst_ip"], code: "no-effect", message });
    }
    return {
      kind: "unicast",
      source,
      peers,
      ttl: written.unicast_ttl ?? 255,
      checkSource: limited || (written.check_unicast_src ?? context.globals.vrrp_check_unicast_src ?? false),
    };
  }
  for (const keyword of ["unicast_src_ip", "unicast_ttl", "check_unicast_src"] as const) {
    if (written[keyword] === undefined) continue;
    const message = `there is no unicast_peer: adverts are multicast, whatever ${keyword} says`;
    const hint = "add unicast_peer; or unicast_fault_no_peer, to be in the fault state until there is one";
    context.problems.push({ path: [...path, keyword], code: "corrected-setting", message, hint });
  }
  return { kind: "multicast", group: multicastGroup(written, family, path, context), source };
}

function multicastGroup(
  written: WrittenVrrpInstance,
  family: AddressFamily,
  path: Path,
  { globals, problems }: VrrpContext,
): string {
  const inherited =
    family === "inet"
      ? (globals.vrrp_mcast_group4 ?? rows.vrrp_mcast_group4.row.default)
      : (globals.vrrp_mcast_group6 ?? rows.vrrp_mcast_group6.row.default);
  const { mcast_dst_ip: own } = written;
  if (own === undefined || addressFamily(own) !== family) return inherited;
  checkGroup(own, [...path, "mcast_dst_ip"], problems);
  return own;
}

/** RFC 1112, RFC 4291 2.7: over IPv6 the scope must be link-local. */
export function checkGroup(group: string, path: Path, problems: VrrpContext["problems"]): void {
  const first = Number(group.split(".")[0]);
  const good = group.includes(":") ? /^ff[0-9a-f]2:/.test(group) : first >= 224 && first <= 239;
  if (good) return;
  const kind = group.includes(":") ? "a link-local multicast address (ffx2:...)" : "a multicast address (224.0.0.0/4)";
  problems.push({ path, code: "invalid-value", message: `${group} is not ${kind}` });
}

function expandPeers(written: WrittenVrrpInstance, path: Path, { problems }: VrrpContext): UnicastPeer[] {
  return (written.unicast_peer ?? []).flatMap(({ address, min_ttl: minTtl = 0, max_ttl: maxTtl = 255 }, word) => {
    if (minTtl > maxTtl) {
      const message = `min_ttl ${minTtl} is above max_ttl ${maxTtl}: no packet would pass`;
      problems.push({ path: [...path, "unicast_peer"], word, code: "threshold-order", message });
    }
    return address === undefined ? [] : [{ address, minTtl, maxTtl }];
  });
}
