import { httpGet, inheritable, tcpCheck } from "./checkers.ts";
import { keyword, repeated } from "./keyword.ts";
import { notifyInRealServer, notifyInVirtualServer } from "./rows/lvs-notify.ts";
import { pendingInRealServer, pendingInVirtualServer, refusedInRealServer } from "./rows/lvs-pending.ts";
import { address, endpoint, granularity } from "./values/address.ts";
import { choice } from "./values/choice.ts";
import { flag } from "./values/flag.ts";
import { forwarding } from "./values/forwarding.ts";
import { INT32_MAX, integer, port, UINT32_MAX } from "./values/integer.ts";
import { hostText, nameText, printableText } from "./values/text.ts";
import { timer, wholeSeconds } from "./values/timer.ts";

/** The schedulers of the kernel (net/netfilter/ipvs). */
export const schedulers = [
  "rr",
  "wrr",
  "lc",
  "wlc",
  "lblc",
  "lblcr",
  "sh",
  "mh",
  "dh",
  "fo",
  "ovf",
  "sed",
  "nq",
  "twos",
] as const;

const realServer = {
  path: "virtual_server/real_server",
  entries: {
    address: keyword(address, { summary: "where connections are sent", required: true, unnamed: true }),
    port: keyword(port, {
      summary: "port of the real server",
      defaultText: "that of the virtual server",
      unnamed: true,
    }),
    weight: keyword(integer(0, INT32_MAX), {
      summary: "share of the traffic, relative to the other real servers; 0 takes no new connections",
      defaultText: "weight of the virtual server",
    }),
    lvs_method: keyword(forwarding, {
      summary: "how packets reach this real server",
      defaultText: "lvs_method of the virtual server",
      synonyms: ["lb_kind"],
    }),
    uthreshold: keyword(integer(0, UINT32_MAX), {
      summary: "connections above which it is given no new ones; 0 is no limit",
      default: 0,
    }),
    lthreshold: keyword(integer(0, UINT32_MAX), {
      summary:
        "connections below which an overloaded real server is given new ones again; 0 is three quarters of uthreshold",
      default: 0,
    }),
    virtualhost: keyword(hostText, {
      summary: "Host header of its HTTP checks",
      defaultText: "that of the virtual server",
    }),
    inhibit_on_failure: keyword(flag, {
      summary: "when it is down its weight becomes 0 instead of its being removed: established connections live on",
      defaultText: "that of the virtual server",
    }),
    slow_start: keyword(timer(0, 86_400_000), {
      summary: "after it came back up its weight rises for this time, in ten steps",
      defaultText: "that of the virtual server",
      ours: true,
    }),
    ...inheritable,
    TCP_CHECK: repeated(tcpCheck, "up when a TCP connection is accepted"),
    HTTP_GET: repeated(httpGet, "up when every url is answered as wanted"),
    ...notifyInRealServer,
    ...pendingInRealServer,
  },
  unsupported: refusedInRealServer,
} as const;

const hashFlag = (scheduler: string, what: string) =>
  keyword(flag, { summary: `${scheduler}: ${what}`, default: false });
const schedulerFlag = (bit: number) =>
  keyword(flag, { summary: `flag ${bit} of the scheduler; what it means depends on it`, default: false });

export const virtualServer = {
  path: "virtual_server",
  entries: {
    name: keyword(nameText, {
      summary: "name in commands, logs and metrics; must be unique",
      defaultText: "protocol, address and port, or the mark, or protocol and group",
      ours: true,
    }),
    address: keyword(address, { summary: "address that clients connect to; or fwmark instead", unnamed: true }),
    port: keyword(port, {
      summary: "port that clients connect to",
      defaultText: "every port (of a persistent service)",
      unnamed: true,
    }),
    fwmark: keyword(integer(1, UINT32_MAX), {
      summary: "the service takes packets with this mark, whatever their address",
      unnamed: true,
    }),
    group: keyword(nameText, {
      summary: "name of a virtual_server_group, instead of an address",
      unnamed: true,
    }),
    ip_family: keyword(choice(["inet", "inet6"]), {
      summary: "family of a fwmark service whose real servers are all tunnelled",
      defaultText: "that of the real servers; inet when they differ",
    }),
    protocol: keyword(choice(["TCP", "UDP", "SCTP"], { anyCase: true }), {
      summary: "transport protocol; needed with an address",
    }),
    lvs_sched: keyword(choice(schedulers), {
      summary: "scheduler: how the kernel picks a real server",
      default: "wlc",
      synonyms: ["lb_algo"],
    }),
    "flag-1": schedulerFlag(1),
    "flag-2": schedulerFlag(2),
    "flag-3": schedulerFlag(3),
    "sh-port": hashFlag("sh", "the source port is hashed, too"),
    "sh-fallback": hashFlag("sh", "another real server when the hashed one cannot take the connection"),
    "mh-port": hashFlag("mh", "the source port is hashed, too"),
    "mh-fallback": hashFlag("mh", "another real server when the hashed one cannot take the connection"),
    hashed: keyword(flag, {
      summary: "flag of the kernel for services that it has in its hash table",
      noEffect: "the kernel sets this flag itself",
    }),
    ops: keyword(flag, { summary: "UDP: each packet is scheduled on its own", default: false }),
    lvs_method: keyword(forwarding, {
      summary: "how packets reach the real servers: NAT, DR (direct routing) or TUN (tunnel)",
      default: { method: "NAT", tunnel: null },
      synonyms: ["lb_kind"],
    }),
    persistence_timeout: keyword(wholeSeconds(1, 2_678_400, 360), {
      summary: "a client stays with its real server for this time; 6 minutes when it stands alone",
      defaultText: "not persistent",
    }),
    persistence_granularity: keyword(granularity, {
      summary: "clients within this network stay together; makes the service persistent",
      defaultText: "each address by itself",
    }),
    persistence_engine: keyword(choice(["sip"]), { summary: "what else identifies a client: sip, its Call-ID" }),
    nat_mask: keyword(printableText, {
      summary: "netmask for NAT of kernels long gone",
      noEffect: "no kernel with IPVS in its netlink form knows it",
    }),
    quorum: keyword(integer(1, UINT32_MAX), {
      summary: "total weight of live real servers that the service needs",
      default: 1,
    }),
    hysteresis: keyword(integer(0, UINT32_MAX), {
      summary: "the quorum is gained at quorum + hysteresis and lost below quorum - hysteresis",
      default: 0,
    }),
    sorry_server: keyword(endpoint, { summary: "takes the traffic while the quorum is not met" }),
    sorry_server_inhibit: keyword(flag, {
      summary: "the sorry server stays in the table with weight 0 while it is not needed",
      default: false,
    }),
    sorry_server_lvs_method: keyword(forwarding, {
      summary: "how packets reach the sorry server",
      defaultText: "lvs_method of the virtual server",
    }),
    virtualhost: keyword(hostText, { summary: "Host header of HTTP checks", defaultText: "address and port" }),
    weight: keyword(integer(1, INT32_MAX), {
      summary: "weight of the real servers that have none of their own",
      default: 1,
    }),
    inhibit_on_failure: keyword(flag, {
      summary: "real servers that are down get weight 0 instead of being removed",
      default: false,
    }),
    slow_start: keyword(timer(0, 86_400_000), {
      summary: "after a real server came back up its weight rises for this time, in ten steps",
      default: 0,
      ours: true,
    }),
    panic_threshold: keyword(integer(0, 100), {
      summary: "with a smaller share of the real servers up, in percent, all of them take traffic; 0: never",
      default: 0,
      ours: true,
    }),
    ...inheritable,
    real_server: repeated(realServer, "a server that does the work"),
    ...notifyInVirtualServer,
    ...pendingInVirtualServer,
  },
} as const;
