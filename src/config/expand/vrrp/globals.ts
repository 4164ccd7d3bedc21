import { globalDefs, type WrittenGlobalDefs } from "../../keywords/table.ts";
import type { Firewall, ReceiveBuffer, VrrpGlobals } from "../../vrrp-model.ts";
import type { Problem } from "../problem.ts";
import { expandProcess, expandProcessMonitorBuffer } from "../process-settings.ts";

const rows = globalDefs.entries;

export function expandVrrpGlobals(written: WrittenGlobalDefs, problems: Problem[]): VrrpGlobals {
  for (const keyword of ["vrrp_garp_interval", "vrrp_gna_interval"] as const) {
    if (written[keyword] !== 0) continue;
    const message = `${keyword} 0 is no interval: nothing waits, as without it`;
    problems.push({ path: ["global_defs", keyword], code: "corrected-setting", message, hint: "leave it out" });
  }
  const vmacPrefix = written.vmac_prefix ?? rows.vmac_prefix.row.default;
  const dynamic = written.dynamic_interfaces;
  return {
    startupDelayMs: written.vrrp_startup_delay ?? 0,
    delayAfterBootMs: written.vrrp_delay_after_boot ?? 0,
    logUnknownVrids: written.log_unknown_vrids ?? rows.log_unknown_vrids.row.default,
    garpIntervalUs: written.vrrp_garp_interval ?? 0,
    gnaIntervalUs: written.vrrp_gna_interval ?? 0,
    dynamicInterfaces: dynamic === undefined ? "no" : (dynamic ?? "yes"),
    disableLocalIgmp: written.disable_local_igmp ?? rows.disable_local_igmp.row.default,
    vmacPrefix,
    vmacAddressPrefix: written.vmac_addr_prefix ?? vmacPrefix,
    receiveBuffer: receiveBuffer(written),
    firewall: firewall(written),
    process: expandProcess(written, "vrrp"),
    processMonitorBuffer: expandProcessMonitorBuffer(written),
  };
}

function receiveBuffer(written: WrittenGlobalDefs): ReceiveBuffer | null {
  const policy = written.vrrp_rx_bufs_policy?.toUpperCase();
  if (policy === undefined) return null;
  if (policy !== "MTU" && policy !== "ADVERT") return { policy: "octets", octets: Number(policy) };
  return { policy, multiplier: written.vrrp_rx_bufs_multiplier ?? rows.vrrp_rx_bufs_multiplier.row.default };
}

/** nftables when both are named, as in keepalived. vrrp_iptables with a chain for input only does not filter what goes out. */
function firewall(written: WrittenGlobalDefs): Firewall {
  const chains = written.nftables === undefined ? written.vrrp_iptables : undefined;
  return {
    // Not keepalived's default: the table is replaced as a whole, and one of that name may be a running keepalived's.
    table: written.nftables ?? "lbctl",
    priority: written.nftables_priority ?? rows.nftables_priority.row.default,
    counters: written.nftables_counters ?? rows.nftables_counters.row.default,
    ifindex: written.nftables_ifindex ?? false,
    // Without a name it is INPUT and OUTPUT.
    outbound: chains?.input === undefined || chains.output !== undefined,
  };
}
