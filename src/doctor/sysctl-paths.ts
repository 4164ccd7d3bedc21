import type { Needs } from "./needs.ts";

export const FORWARD_INET = "net/ipv4/ip_forward";
export const FORWARD_INET6 = "net/ipv6/conf/all/forwarding";
export const CONNTRACK_COUNT = "net/netfilter/nf_conntrack_count";
export const CONNTRACK_MAX = "net/netfilter/nf_conntrack_max";
export const TUNNEL_INTERFACE = "tunl0";

/** A setting of an IPv4 interface. */
export function inetPath(name: string, setting: "rp_filter" | "arp_ignore" | "arp_announce"): string {
  return `net/ipv4/conf/${name}/${setting}`;
}

export function ipvsPath(setting: string): string {
  return `net/ipv4/vs/${setting}`;
}

/** Which interfaces the virtual IPv4 addresses are on. */
export function inetInterfaces({ virtualAddresses }: Needs): string[] {
  const names = virtualAddresses.filter(({ family }) => family === "inet").map(({ interface: on }) => on);
  return [...new Set(names)];
}

/** Everything below /proc/sys that the judges look at. */
export function wantedSysctls(needs: Needs): string[] {
  const perInterface = ["all", TUNNEL_INTERFACE, ...inetInterfaces(needs)].flatMap((name) =>
    (["rp_filter", "arp_ignore", "arp_announce"] as const).map((setting) => inetPath(name, setting)),
  );
  const ipvs = ["expire_nodest_conn", "expire_quiescent_template", "conn_reuse_mode", "sloppy_tcp"].map(ipvsPath);
  return [FORWARD_INET, FORWARD_INET6, CONNTRACK_COUNT, CONNTRACK_MAX, ...perInterface, ...ipvs];
}
