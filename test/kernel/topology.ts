// The network that the kernel tests run in. Every node is a network namespace; `sw` holds the two bridges.
//
//        c .100                    front 192.0.2.0/24, 2001:db8:1::/64
//   ─────┴──────┬─────────┬────────────┬───────────┬───────────┬──────
//            d1 .11    d2 .12        r1 .21      r2 .22      r3 .23      eth0
//   ────────────┴─────────┴────────────┴───────────┴───────────┴──────   eth1
//                                  back 198.51.100.0/24, 2001:db8:2::/64
//
// NAT: destinations are back addresses; what they answer from there goes to the gateway address, which the active
//      director holds. DR and TUN: destinations are front addresses; they hold the VIP on a device that does not
//      answer ARP, and reply to the client directly.
import type { Guest } from "./uml/guest.ts";

export type DirectorName = "d1" | "d2";
export type RealServerName = "r1" | "r2" | "r3";
export type AddressPair = { readonly v4: string; readonly v6: string };

export const client: AddressPair = { v4: "192.0.2.100", v6: "2001:db8:1::100" };

/** Virtual addresses by the forwarding method they are meant for. Those of NAT exist on the director only. */
export const vips = {
  nat: { v4: "192.0.2.200", v6: "2001:db8:1::200" },
  dr: { v4: "192.0.2.210", v6: "2001:db8:1::210" },
  tun: { v4: "192.0.2.220", v6: "2001:db8:1::220" },
} as const satisfies Record<string, AddressPair>;

/** The real servers' default router on the back network. */
export const gateway: AddressPair = { v4: "198.51.100.1", v6: "2001:db8:2::1" };

const hostNumbers = { c: 100, d1: 11, d2: 12, r1: 21, r2: 22, r3: 23 } as const;
type NodeName = keyof typeof hostNumbers;

export function front(node: NodeName): AddressPair {
  return { v4: `192.0.2.${hostNumbers[node]}`, v6: `2001:db8:1::${hostNumbers[node]}` };
}

export function back(node: DirectorName | RealServerName): AddressPair {
  return { v4: `198.51.100.${hostNumbers[node]}`, v6: `2001:db8:2::${hostNumbers[node]}` };
}

export type TopologyOptions = {
  readonly directors?: readonly DirectorName[];
  readonly realServers?: readonly RealServerName[];
  /** Who holds the VIPs and the gateway address. "none": the test's own business (VRRP). */
  readonly activeDirector?: DirectorName | "none";
};

/** Builds the network in the guest (1 to 2 s). A guest holds one. */
export async function buildTopology(guest: Guest, options: TopologyOptions = {}): Promise<void> {
  await guest.sh(topologyScript(options));
}

/** The shell script that builds the network. */
export function topologyScript(options: TopologyOptions = {}): string {
  const { directors = ["d1"], realServers = ["r1", "r2", "r3"], activeDirector = "d1" } = options;
  const nodes: readonly NodeName[] = ["c", ...directors, ...realServers];
  return [
    "set -e",
    "modprobe -a veth bridge ipip ip6_tunnel",
    batch("", [...["sw", ...nodes].map((node) => `netns add ${node}`), ...nodes.flatMap(cables)]),
    batch("ip netns exec sw", switchCommands(nodes)),
    inside("c", interfaceCommands("c"), []),
    ...directors.map((name) => inside(name, directorCommands(name, name === activeDirector), directorSettings)),
    ...realServers.map((name) => inside(name, realServerCommands(name), realServerSettings, realServerExtra)),
  ].join("\n");
}

function cables(node: NodeName): readonly string[] {
  const cable = (prefix: string, device: string) =>
    `link add ${prefix}_${node} netns sw type veth peer name ${device} netns ${node}`;
  return node === "c" ? [cable("front", "eth0")] : [cable("front", "eth0"), cable("back", "eth1")];
}

function switchCommands(nodes: readonly NodeName[]): readonly string[] {
  const bridges = ["front", "back"].flatMap((name) => [`link add ${name} type bridge`, `link set ${name} up`]);
  const ports = nodes.flatMap((node) => [
    `link set front_${node} master front up`,
    ...(node === "c" ? [] : [`link set back_${node} master back up`]),
  ]);
  return [...bridges, ...ports];
}

function interfaceCommands(node: NodeName): readonly string[] {
  const attach = (device: string, { v4, v6 }: AddressPair) => [
    `link set ${device} up`,
    `address add ${v4}/24 dev ${device}`,
    `address add ${v6}/64 dev ${device} nodad`,
  ];
  return ["link set lo up", ...attach("eth0", front(node)), ...(node === "c" ? [] : attach("eth1", back(node)))];
}

/** preferred_lft 0: a VIP is never chosen as a source, which for IPv6 happens otherwise and breaks TUN. */
function hold({ v4, v6 }: AddressPair, device: string): readonly string[] {
  return [`address add ${v4}/32 dev ${device}`, `address add ${v6}/128 dev ${device} nodad preferred_lft 0`];
}

function directorCommands(node: DirectorName, active: boolean): readonly string[] {
  const held = [...Object.values(vips).flatMap((vip) => hold(vip, "eth0")), ...hold(gateway, "eth1")];
  return [...interfaceCommands(node), ...(active ? held : [])];
}

const directorSettings = ["net/ipv4/ip_forward=1", "net/ipv6/conf/all/forwarding=1", "net/ipv4/conf/all/rp_filter=0"];

function realServerCommands(node: RealServerName): readonly string[] {
  return [
    ...interfaceCommands(node),
    ...hold(vips.dr, "lo"),
    ...["link set tunl0 up", "link set ip6tnl0 up"],
    ...hold(vips.tun, "lo"),
    `route add default via ${gateway.v4} dev eth1 table 100`,
    `route add default via ${gateway.v6} dev eth1 table 100`,
    "rule add from 198.51.100.0/24 table 100",
  ];
}

// A batch cannot say -6, and `rule add` does not infer it.
const realServerExtra = "ip -6 rule add from 2001:db8:2::/64 table 100";

const realServerSettings = [
  // Answer ARP only for addresses of the interface asked on, and never offer a VIP as sender.
  ...["all", "eth0"].flatMap((device) => [
    `net/ipv4/conf/${device}/arp_ignore=1`,
    `net/ipv4/conf/${device}/arp_announce=2`,
  ]),
  // What leaves the tunnel comes from a client that is reached by another device.
  ...["all", "tunl0"].map((device) => `net/ipv4/conf/${device}/rp_filter=0`),
];

function batch(prefix: string, commands: readonly string[]): string {
  return `${prefix} ip -batch - <<'END'\n${commands.join("\n")}\nEND`.trimStart();
}

/** One process tree per node: entering a namespace is what takes the time in a guest. */
function inside(node: NodeName, commands: readonly string[], settings: readonly string[], extra = ""): string {
  const writes = settings.map((setting) => `echo ${setting.split("=")[1]} >/proc/sys/${setting.split("=")[0]}`);
  return [`ip netns exec ${node} sh -es <<'NODE'`, batch("", commands), ...writes, extra, "NODE"].join("\n");
}
