import { keyword } from "../keyword.ts";
import { choice } from "../values/choice.ts";
import { flag } from "../values/flag.ts";
import { integer, signedInteger, UINT32_MAX } from "../values/integer.ts";
import { lvsTimeouts, optional, syncDaemon } from "../values/system.ts";
import { nameText } from "../values/text.ts";

const INT32_MIN = -0x8000_0000;
const priority = signedInteger(INT32_MIN, 0x7fff_ffff);

/** IPVS as a whole, and the firewall rules that serve it and VRRP. */
export const lvsRowsOfGlobalDefs = {
  lvs_flush: keyword(flag, { summary: "the kernel's whole IPVS table is emptied at the start", default: false }),
  lvs_flush_on_stop: keyword(optional(choice(["VS"])), {
    summary:
      "the IPVS table is emptied at the end; with VS only our virtual servers, without taking out their real servers",
    synonyms: ["lvs_flush_onstop"],
    deprecated: ["lvs_flush_onstop"],
  }),
  lvs_timeouts: keyword(lvsTimeouts, {
    summary: "how long the kernel remembers idle connections of each kind",
    defaultText: "the kernel's",
  }),
  lvs_sync_daemon: keyword(syncDaemon, { summary: "connections are copied to other directors over this interface" }),
  nftables: keyword(optional(nameText), {
    summary: "nftables table for the rules that VRRP needs",
    defaultText: "lbctl",
  }),
  nftables_priority: keyword(priority, { summary: "priority of the chains of VRRP", default: -1 }),
  nftables_counters: keyword(flag, { summary: "the rules count their packets", default: false }),
  nftables_ifindex: keyword(flag, {
    summary: "rules for link-local addresses go by the index of the interface, not by its name",
    default: false,
  }),
  nftables_ipvs: keyword(optional(nameText), {
    summary: "nftables table that marks packets, so that a whole virtual_server_group is one service in the kernel",
    defaultText: "lbctl_ipvs",
  }),
  nftables_ipvs_priority: keyword(priority, { summary: "priority of the chains that mark packets", default: -150 }),
  nftables_ipvs_start_fwmark: keyword(integer(1, UINT32_MAX), {
    summary: "first mark that nftables_ipvs gives away",
    default: 1000,
  }),
};
