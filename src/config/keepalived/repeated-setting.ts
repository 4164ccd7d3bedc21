import type { Entry } from "../keywords/keyword.ts";
import { fifo, script } from "../keywords/values/script.ts";

/** Of these keepalived 2.2.7 takes the first one and ignores the others, by the path of their block. */
const firstOnes: Readonly<Record<string, readonly string[]>> = {
  "": ["net_namespace", "net_namespace_ipvs", "instance"],
  global_defs: [
    "lvs_sync_daemon",
    "nftables",
    "nftables_ipvs",
    "snmp_socket",
    "tmp_config_directory",
    "vmac_prefix",
    "vmac_addr_prefix",
  ],
  vrrp_instance: ["lvs_sync_daemon_interface", "notify_deleted", "version"],
  vrrp_sync_group: ["group"],
  track_group: ["group"],
  track_file: ["file", "weight"],
  vrrp_track_process: ["process", "weight"],
  "virtual_server/real_server/DNS_CHECK": ["name"],
};

/** Of these it depends on the values: whether the first one stays. */
const stronger: Readonly<Record<string, (first: string, later: string) => boolean>> = {
  "vrrp_instance/state": (first) => first === "MASTER",
  // A number before MTU, that before ADVERT.
  "global_defs/vrrp_rx_bufs_policy": (first, later) => !/^[0-9]/.test(later) && first !== "ADVERT",
};

/**
 * Whether of a setting that stands twice in a keepalived.conf the first one counts. Of most it is the last one; of scripts and
 * FIFOs that are told of something the first ("already specified"), but not of what a check or a vrrp_script runs.
 */
export function firstCounts(blockPath: string, keyword: string, entry: Entry, first: string, later: string): boolean {
  if (entry.kind === "block") return false;
  if (firstOnes[blockPath]?.includes(keyword) === true) return true;
  if (stronger[`${blockPath}/${keyword}`]?.(first, later) === true) return true;
  return entry.row.required !== true && (entry.type === script || entry.type === fifo);
}
