import { keyword, single } from "../keyword.ts";
import { address } from "../values/address.ts";
import { choice } from "../values/choice.ts";
import { fineTimer } from "../values/fine-timer.ts";
import { flag } from "../values/flag.ts";
import { INT32_MAX, integer, UINT32_MAX } from "../values/integer.ts";
import { ipvlan, vmac } from "../values/interfaces.ts";
import { unicastPeer, virtualAddress, virtualRule } from "../values/ip-lines.ts";
import { lines } from "../values/lines.ts";
import { multicast } from "../values/network-words.ts";
import { hmacKeys } from "../values/packet.ts";
import { preempt } from "../values/preempt.ts";
import { virtualRoute } from "../values/route-line.ts";
import { optionalScript, script } from "../values/script.ts";
import { optional } from "../values/system.ts";
import { interfaceName, nameText, printableText } from "../values/text.ts";
import { wholeSeconds } from "../values/timer.ts";
import { extraInterfaces } from "./global-vrrp.ts";
import { notifyRows, trackRows } from "./notify.ts";

const seconds = wholeSeconds(0, 4294);

const authentication = {
  path: "vrrp_instance/authentication",
  entries: {
    auth_type: keyword(choice(["PASS", "AH"]), {
      summary: "PASS: a password in the clear; AH: a signature in an IPsec header",
    }),
    auth_pass: keyword(printableText, { summary: "the password; its first eight characters count", secret: true }),
  },
} as const;

const authHmac = {
  path: "vrrp_instance/auth_hmac",
  entries: {
    key: keyword(hmacKeys, {
      summary: "a key to sign and check with, and its id",
      repeatable: true,
      secret: true,
      since: "2.2.8+",
    }),
    active_key: keyword(integer(1, 255), {
      summary: "id of the key that our adverts are signed with",
      required: true,
      since: "2.2.8+",
    }),
    mode: keyword(choice(["enforce", "permissive", "receive-only"]), {
      summary: "enforce takes signed adverts only, the others any; receive-only signs none",
      default: "enforce",
      since: "2.2.8+",
    }),
    anti_replay: keyword(choice(["time", "monotonic"]), {
      summary:
        "time: adverts are newer than the last, and within time_window of our clock; monotonic: newer than the last",
      default: "time",
      since: "2.2.8+",
    }),
    time_window: keyword(wholeSeconds(1, 300), {
      summary: "time that the clocks of the routers may differ by",
      defaultText: "three times advert_int, at least 5",
      since: "2.2.8+",
    }),
  },
} as const;

const addressing = {
  virtual_ipaddress: keyword(lines(virtualAddress), {
    summary: "addresses that the master has, and that adverts list",
    repeatable: true,
  }),
  virtual_ipaddress_excluded: keyword(lines(virtualAddress), {
    summary: "addresses that the master has and adverts do not list",
    repeatable: true,
  }),
  no_virtual_ipaddress: keyword(flag, {
    summary: "the instance has no addresses on purpose",
    default: false,
    since: "2.2.8+",
  }),
  virtual_routes: keyword(lines(virtualRoute), { summary: "routes that the master has", repeatable: true }),
  virtual_rules: keyword(lines(virtualRule), { summary: "routing rules that the master has", repeatable: true }),
  promote_secondaries: keyword(flag, {
    summary: "other addresses of a network stay when the first of them is taken away",
    default: false,
  }),
  accept: keyword(flag, {
    summary: "a master takes packets to its addresses",
    defaultText: "true, unless strict_mode",
  }),
  no_accept: keyword(flag, {
    summary: "a master that is not the owner drops packets to its addresses",
    default: false,
  }),
} as const;

const sending = {
  unicast_src_ip: keyword(address, {
    summary: "source of unicast adverts",
    defaultText: "the first address of the interface",
  }),
  unicast_peer: keyword(lines(unicastPeer), {
    summary: "adverts go to these addresses instead of a multicast group",
    repeatable: true,
  }),
  unicast_ttl: keyword(integer(0, 255), { summary: "TTL or hop limit of unicast adverts", default: 255 }),
  unicast_fault_no_peer: keyword(flag, {
    summary: "without peers it is in the fault state, not multicasting",
    default: false,
  }),
  check_unicast_src: keyword(flag, {
    summary: "unicast adverts count only from configured peers",
    defaultText: "vrrp_check_unicast_src",
  }),
  old_unicast_checksum: keyword(optional(choice(["never"])), {
    summary: "checksum of unicast adverts as keepalived 1.3.6 made it; never: and none such is accepted",
  }),
  v3_checksum_as_v2: keyword(flag, {
    summary: "the checksum of VRRP version 3 over IPv4 leaves out the pseudo header",
    defaultText: "that of global_defs",
    since: "2.2.8+",
  }),
  mcast_src_ip: keyword(address, {
    summary: "source of multicast adverts",
    defaultText: "the first address of the interface",
  }),
  mcast_dst_ip: keyword(multicast(null), {
    summary: "group that adverts are sent to",
    defaultText: "vrrp_mcast_group4, vrrp_mcast_group6",
  }),
  track_src_ip: keyword(flag, {
    summary: "it is in the fault state while its source address is missing",
    default: false,
  }),
  kernel_rx_buf_size: keyword(integer(0, UINT32_MAX), {
    summary: "octets of the receive buffer",
    defaultText: "4194304",
  }),
} as const;

const interfaces = {
  interface: keyword(interfaceName, { summary: "where adverts are sent and received; unicast can do without" }),
  vrf: keyword(interfaceName, { summary: "VRF of a unicast instance that has no interface" }),
  use_vmac: keyword(vmac, { summary: "the addresses are on a macvlan of their own with the virtual MAC address" }),
  use_vmac_addr: keyword(flag, { summary: "addresses on other interfaces get a macvlan there, too", default: false }),
  vmac_xmit_base: keyword(flag, { summary: "adverts go over the interface below the VMAC", default: false }),
  use_ipvlan: keyword(ipvlan, { summary: "the addresses are on an ipvlan of their own" }),
  dont_track_primary: keyword(flag, { summary: "the state of its own interface does not matter", default: false }),
  linkbeat_use_polling: keyword(flag, {
    summary: "its link is asked for instead of being reported",
    deprecatedFor: "linkbeat_interfaces at the top of the file",
    default: false,
  }),
  native_ipv6: keyword(flag, {
    summary: "the instance is for IPv6",
    noEffect: "the virtual addresses tell the family",
  }),
} as const;

const election = {
  state: keyword(choice(["MASTER", "BACKUP"]), {
    summary: "state to begin with",
    defaultText: "BACKUP; MASTER with priority 255",
  }),
  virtual_router_id: keyword(integer(1, 255), {
    summary: "number of the virtual router, the same on all that share it",
    required: true,
  }),
  priority: keyword(integer(1, 255), {
    summary: "the highest becomes master; 255 owns the addresses",
    defaultText: "100; 255 with state MASTER",
  }),
  version: keyword(integer(2, 3), { summary: "version of VRRP", defaultText: "vrrp_version; 3 with IPv6" }),
  advert_int: keyword(fineTimer(10_000, 255_000_000), {
    summary: "time between two adverts of a master",
    default: 1_000_000,
  }),
  preempt: keyword(preempt, {
    summary: "takes over from a master of lower priority; on_failure (ours): only when its priority fell",
    defaultText: "true, unless nopreempt",
  }),
  nopreempt: keyword(flag, { summary: "leaves a master of lower priority alone", default: false }),
  preempt_delay: keyword(fineTimer(0, 1_000_000_000), {
    summary: "time for which an inferior master is left alone",
    default: 0,
  }),
  down_timer_adverts: keyword(integer(1, 100), {
    summary: "advert intervals without an advert until the master counts as gone",
    defaultText: "vrrp_down_timer_adverts",
  }),
  strict_mode: keyword(flag, { summary: "refuses what the RFCs do not allow", defaultText: "vrrp_strict" }),
  lower_prio_no_advert: keyword(flag, {
    summary: "as master, leaves inferior adverts unanswered",
    defaultText: "vrrp_lower_prio_no_advert",
  }),
  higher_prio_send_advert: keyword(flag, {
    summary: "as master, sends one more advert before it gives way",
    defaultText: "vrrp_higher_prio_send_advert",
  }),
  owner_ignore_adverts: keyword(flag, {
    summary: "as address owner, pays no attention to the adverts of others",
    defaultText: "vrrp_owner_ignore_adverts",
    since: "2.2.8+",
  }),
  skip_check_adv_addr: keyword(flag, {
    summary: "the addresses in an advert are checked only when the master is another than before",
    defaultText: "vrrp_skip_check_adv_addr",
  }),
  timer_expired_backup: keyword(optional(integer(1, 254)), {
    summary:
      "a master that ran so late that another took over becomes backup; the number is the best priority of the others",
    synonyms: ["thread_timer_expired"],
    deprecated: ["thread_timer_expired"],
    since: "2.2.8+",
  }),
} as const;

const announcing = {
  garp_master_delay: keyword(seconds, {
    summary: "time from becoming master to the second round of gratuitous ARP",
    defaultText: "vrrp_garp_master_delay",
  }),
  garp_master_repeat: keyword(integer(1, UINT32_MAX), {
    summary: "gratuitous ARPs in each of these rounds",
    defaultText: "vrrp_garp_master_repeat",
  }),
  garp_master_refresh: keyword(wholeSeconds(0, UINT32_MAX), {
    summary: "how often a master repeats its gratuitous ARP",
    defaultText: "vrrp_garp_master_refresh",
  }),
  garp_master_refresh_repeat: keyword(integer(1, UINT32_MAX), {
    summary: "gratuitous ARPs in each repetition",
    defaultText: "vrrp_garp_master_refresh_repeat",
  }),
  garp_lower_prio_delay: keyword(seconds, {
    summary: "time from the advert of an inferior master to the second round of gratuitous ARP",
    defaultText: "vrrp_garp_lower_prio_delay",
  }),
  garp_lower_prio_repeat: keyword(integer(0, INT32_MAX), {
    summary: "gratuitous ARPs in each round after the advert of an inferior master",
    defaultText: "vrrp_garp_lower_prio_repeat",
  }),
  garp_extra_if: keyword(extraInterfaces(0), {
    summary: "how often gratuitous ARP goes out where only addresses are; 0 is never",
    defaultText: "vrrp_garp_extra_if",
    synonyms: ["vmac_garp_intvl"],
    deprecated: ["vmac_garp_intvl"],
  }),
} as const;

export const vrrpInstance = {
  path: "vrrp_instance",
  entries: {
    name: keyword(nameText, { summary: "name of the instance", required: true, unnamed: true }),
    ...election,
    ...interfaces,
    ...addressing,
    ...sending,
    ...announcing,
    ...trackRows,
    ...notifyRows,
    notify_deleted: keyword(optionalScript, {
      summary: "run when a reload drops the instance; without a script, the others are told DELETED instead of FAULT",
    }),
    notify_master_rx_lower_pri: keyword(script, { summary: "run when a master receives an inferior advert" }),
    authentication: single(authentication, "password of VRRP version 2, as RFC 2338 had it"),
    auth_hmac: { ...single(authHmac, "adverts are signed with HMAC-SHA-256"), since: "2.2.8+" },
    lvs_sync_daemon_interface: keyword(interfaceName, {
      summary: "the sync daemon follows this instance",
      deprecatedFor: "lvs_sync_daemon in global_defs",
    }),
    debug: keyword(integer(0, 4), {
      summary: "level of debugging output",
      noEffect: "keepalived reads it and does nothing with it either",
    }),
  },
} as const;
