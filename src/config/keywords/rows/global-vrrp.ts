import { type Entries, keyword } from "../keyword.ts";
import { choice } from "../values/choice.ts";
import { fineTimer } from "../values/fine-timer.ts";
import { flag } from "../values/flag.ts";
import { INT32_MAX, integer, UINT32_MAX } from "../values/integer.ts";
import { multicast } from "../values/network-words.ts";
import { options } from "../values/options.ts";
import { optional } from "../values/system.ts";
import { interfaceName, printableText, wordText } from "../values/text.ts";
import { timer, wholeSeconds } from "../values/timer.ts";

const seconds = wholeSeconds(0, 4294);
// 0 stands in what distributions install.
const interval = fineTimer(0, UINT32_MAX);
const delay = timer(1, 4_294_967);

/** `[all] seconds`. */
export const extraInterfaces = (leastS: number) =>
  options({
    name: `[all] seconds ${leastS}-86400`,
    expected: `seconds from ${leastS} to 86400, perhaps with "all" before them`,
    unnamed: { seconds: wholeSeconds(leastS, 86_400) },
    needed: 1,
    options: { all: "alone" },
  });

const chains = options({
  name: "[chain of input [chain of output]]",
  expected: "one or two names of chains",
  unnamed: { input: wordText, output: wordText },
  needed: 0,
  mayBeEmpty: true,
  options: {},
});

const sets = options({
  name: "[set [set6 [set_if6 [set_igmp [set_mld]]]]]",
  expected: "up to five names of sets",
  unnamed: { inet: wordText, inet6: wordText, link6: wordText, igmp: wordText, mld: wordText },
  needed: 0,
  mayBeEmpty: true,
  options: {},
});

/** What VRRP instances have by default; each has a keyword of the same name without "vrrp_". */
const announcements = {
  vrrp_garp_master_delay: keyword(seconds, {
    summary: "time from becoming master to the second round of gratuitous ARP; 0 makes one round only",
    default: 5,
  }),
  vrrp_garp_master_repeat: keyword(integer(1, UINT32_MAX), {
    summary: "gratuitous ARPs in each of these rounds",
    default: 5,
  }),
  vrrp_garp_master_refresh: keyword(wholeSeconds(0, UINT32_MAX), {
    summary: "how often a master repeats its gratuitous ARP; 0 is never",
    default: 0,
  }),
  vrrp_garp_master_refresh_repeat: keyword(integer(1, UINT32_MAX), {
    summary: "gratuitous ARPs in each repetition",
    default: 1,
  }),
  vrrp_garp_lower_prio_delay: keyword(seconds, {
    summary: "time from the advert of an inferior master to the second round of gratuitous ARP",
    defaultText: "vrrp_garp_master_delay",
  }),
  vrrp_garp_lower_prio_repeat: keyword(integer(0, INT32_MAX), {
    summary: "gratuitous ARPs in each round after the advert of an inferior master",
    defaultText: "vrrp_garp_master_repeat",
  }),
  vrrp_garp_interval: keyword(interval, {
    summary: "least time between two gratuitous ARPs on an interface",
    defaultText: "0",
  }),
  vrrp_gna_interval: keyword(interval, {
    summary: "least time between two unsolicited neighbour advertisements on an interface",
    defaultText: "0",
  }),
  vrrp_min_garp: keyword(flag, { summary: "a single gratuitous ARP and no second round", default: false }),
  vrrp_garp_extra_if: keyword(extraInterfaces(1), {
    summary: "how often gratuitous ARP goes out where only addresses are, not adverts; all: not on VMACs alone",
    synonyms: ["vrrp_vmac_garp_intvl"],
    deprecated: ["vrrp_vmac_garp_intvl"],
  }),
} as const satisfies Entries;

export const vrrpRowsOfGlobalDefs = {
  ...announcements,
  ...{
    vrrp_version: keyword(integer(2, 3), { summary: "version of VRRP for IPv4; IPv6 has 3 always", default: 2 }),
    vrrp_mcast_group4: keyword(multicast("inet"), {
      summary: "group that adverts over IPv4 are sent to",
      default: "224.0.0.18",
    }),
    vrrp_mcast_group6: keyword(multicast("inet6"), {
      summary: "group that adverts over IPv6 are sent to",
      default: "ff02::12",
    }),
    vrrp_strict: keyword(flag, { summary: "refuses what the RFCs do not allow", default: false }),
    vrrp_down_timer_adverts: keyword(integer(1, 100), {
      summary: "advert intervals without an advert until a master counts as gone",
      default: 3,
    }),
    vrrp_lower_prio_no_advert: keyword(flag, {
      summary: "a master leaves inferior adverts unanswered",
      default: false,
    }),
    vrrp_higher_prio_send_advert: keyword(flag, {
      summary: "a master that sees a superior one sends one more advert before it gives way",
      default: false,
    }),
    vrrp_owner_ignore_adverts: keyword(flag, {
      summary: "an address owner pays no attention to the adverts of others",
      default: false,
      since: "2.2.8+",
    }),
    vrrp_check_unicast_src: keyword(flag, {
      summary: "unicast adverts count only from configured peers",
      default: false,
    }),
    vrrp_skip_check_adv_addr: keyword(flag, {
      summary: "the addresses in an advert are checked only when the master is another than before",
      default: false,
    }),
    vrrp_startup_delay: keyword(delay, { summary: "time from the start of the program to that of the instances" }),
    vrrp_delay_after_boot: keyword(delay, {
      summary: "time from the boot of the machine to the start of the instances",
      since: "2.2.8+",
    }),
    log_unknown_vrids: keyword(flag, {
      summary: "adverts with a VRID that no instance has are logged",
      default: false,
    }),
    v3_checksum_as_v2: keyword(flag, {
      summary: "the checksum of VRRP version 3 over IPv4 leaves out the pseudo header",
      default: false,
      since: "2.2.8+",
    }),
    default_interface: keyword(interfaceName, {
      summary: "interface of static addresses that name none",
      default: "eth0",
    }),
    dynamic_interfaces: keyword(optional(choice(["allow_if_changes"])), {
      summary: "interfaces may come later and go; allow_if_changes: and come back as another kind",
    }),
    disable_local_igmp: keyword(flag, {
      summary: "the kernel sends no IGMP reports for link-local groups",
      default: false,
    }),
    vmac_prefix: keyword(interfaceName, { summary: "how names of generated VMAC interfaces begin", default: "vrrp" }),
    vmac_addr_prefix: keyword(interfaceName, {
      summary: "how names of VMAC interfaces begin that are made for single addresses",
      defaultText: "vmac_prefix",
    }),
    iproute_usr_dir: keyword(printableText, {
      summary: "where the names of tables, scopes and protocols that the distribution brings are",
      defaultText: "/usr/share/iproute2",
      since: "2.2.8+",
    }),
    iproute_etc_dir: keyword(printableText, {
      summary: "where the names of tables, scopes and protocols of this host are",
      defaultText: "/etc/iproute2",
      since: "2.2.8+",
    }),
  },
  vrrp_iptables: keyword(chains, {
    summary:
      "the rules that VRRP needs, in our table of nftables: iptables' chains stay as they are; one name: for input only",
  }),
  vrrp_ipsets: keyword(sets, {
    summary: "names of the sets that the iptables rules use",
    noEffect: "the addresses are in sets of our own table of nftables",
  }),
};
