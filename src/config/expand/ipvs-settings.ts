import type { IpvsSettings, IpvsTimeouts, MarkSettings, SyncDaemon } from "../ipvs-model.ts";
import { type Config, globalDefs, type WrittenGlobalDefs } from "../keywords/table.ts";
import type { Problem } from "./problem.ts";

/** Settings of IPVS as a whole. Pure. */
export function expandIpvsSettings({ global_defs: written, vrrp_instance }: Config, problems: Problem[]): IpvsSettings {
  return {
    timeouts: expandTimeouts(written, problems),
    flush: written.lvs_flush ?? false,
    // With VS, or without the keyword, each of our services is removed as a whole: there is no slower way here.
    flushOnStop: written.lvs_flush_on_stop === null ? "everything" : "ours",
    syncDaemon: expandSyncDaemon(written, vrrp_instance, problems),
    marks: expandMarks(written),
  };
}

function expandTimeouts({ lvs_timeouts: written }: WrittenGlobalDefs, problems: Problem[]): IpvsTimeouts {
  if (written === undefined) return {};
  // The kernel takes 0 for "as it is" (ip_vs_set_timeout).
  for (const name of ["tcp", "tcpfin", "udp"] as const) {
    if (written[name] !== 0) continue;
    const message = `${name} 0 changes nothing: the kernel keeps the timeout that it has`;
    problems.push({ path: ["global_defs", "lvs_timeouts"], code: "no-effect", message });
  }
  return {
    ...(written.tcp ? { tcpS: written.tcp } : {}),
    ...(written.tcpfin ? { tcpFinS: written.tcpfin } : {}),
    ...(written.udp ? { udpS: written.udp } : {}),
  };
}

function expandSyncDaemon(
  { lvs_sync_daemon: written }: WrittenGlobalDefs,
  instances: Config["vrrp_instance"],
  problems: Problem[],
): SyncDaemon | null {
  const followers = instances.flatMap((instance, index) =>
    instance?.lvs_sync_daemon_interface === undefined
      ? []
      : [
          {
            instance,
            path: ["vrrp_instance", index, "lvs_sync_daemon_interface"],
            on: instance.lvs_sync_daemon_interface,
          },
        ],
  );
  // The kernel runs one daemon of each role. As in keepalived what comes first counts, global_defs before all instances.
  const [first] = followers;
  const settled = written?.interface ?? first?.on;
  for (const { path, instance } of written?.interface === undefined ? followers.slice(1) : followers) {
    const message = `the sync daemon is on ${settled} already: that of ${instance.name} is ignored`;
    problems.push({ path, code: "no-effect", message });
  }
  if (written?.interface === undefined) {
    if (first === undefined) return null;
    const { name, virtual_router_id: syncId = 0 } = first.instance;
    return { interface: first.on, instance: name, syncId };
  }
  const name = written.inst ?? written.instance ?? null;
  const followed = instances.find((instance) => instance?.name === name);
  const { id, maxlen, port, ttl, group } = written;
  return {
    interface: written.interface,
    // One that does not exist is never master: a lint says so.
    instance: name,
    syncId: id ?? followed?.virtual_router_id ?? 0,
    ...(maxlen === undefined ? {} : { maxLength: maxlen }),
    ...(port === undefined ? {} : { multicastPort: port }),
    ...(ttl === undefined ? {} : { multicastTtl: ttl }),
    ...(group === undefined ? {} : { multicastGroup: group }),
  };
}

/** Not keepalived's name: the table is replaced as a whole, and one of that name may be a running keepalived's. */
function expandMarks({
  nftables_ipvs: table,
  nftables_ipvs_priority: priority,
}: WrittenGlobalDefs): MarkSettings | null {
  if (table === undefined) return null;
  return { table: table ?? "lbctl_ipvs", priority: priority ?? globalDefs.entries.nftables_ipvs_priority.row.default };
}
