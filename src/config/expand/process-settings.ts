import { globalDefs, type WrittenGlobalDefs } from "../keywords/table.ts";
import type { BufferSize, ProcessSettings } from "../process-model.ts";

export type ProcessRole = "vrrp" | "checker" | "bfd";

const rows = globalDefs.entries;
/** keepalived's 10 ms are less than taking a configuration may need here, and the kernel kills who needs more. */
const leastRttimeUs = 1_000_000;

/** Of SCHED_RR. */
const greatestPriority = 99;

/** With process_names, as keepalived: its own names with ours in front. */
const names = { supervisor: "lbctl", vrrp: "lbctl_vrrp", checker: "lbctl_ipvs", bfd: "lbctl_bfd" } as const;

/** How the process of that role runs. Pure. */
export function expandProcess(written: WrittenGlobalDefs, role: ProcessRole): ProcessSettings {
  const { max_auto_priority: maxWritten = rows.max_auto_priority.row.default } = written;
  const maxAuto = maxWritten ?? greatestPriority;
  return {
    name: written[`${role}_process_name`] ?? defaultName(written, role),
    nice: written[`${role}_priority`] ?? null,
    realTimePriority: written[`${role}_rt_priority`] ?? null,
    cpuAffinity: written[`${role}_cpu_affinity`] ?? null,
    noSwap: written[`${role}_no_swap`] ?? false,
    rttimeLimitUs: Math.max(leastRttimeUs, written[`${role}_rlimit_rttime`] ?? 0),
    autoPriority:
      maxAuto > 0
        ? { max: maxAuto, minDelayUs: written.min_auto_priority_delay ?? rows.min_auto_priority_delay.row.default }
        : null,
    buffers: buffersOf(written, role),
  };
}

/** The supervisor's name in process lists; null: lbctl. */
export function expandSupervisorName(written: WrittenGlobalDefs): string | null {
  return written.process_name ?? defaultName(written, "supervisor");
}

function defaultName({ process_names: named = false }: WrittenGlobalDefs, role: keyof typeof names): string | null {
  return named ? names[role] : null;
}

/** keepalived has none for BFD. */
function buffersOf(written: WrittenGlobalDefs, role: ProcessRole): ProcessSettings["buffers"] {
  if (role === "bfd") return { command: null, monitor: null };
  const prefix = role === "vrrp" ? "vrrp" : "lvs";
  return {
    command: sizeOf(written[`${prefix}_netlink_cmd_rcv_bufs`], written[`${prefix}_netlink_cmd_rcv_bufs_force`]),
    monitor: sizeOf(written[`${prefix}_netlink_monitor_rcv_bufs`], written[`${prefix}_netlink_monitor_rcv_bufs_force`]),
  };
}

/** Of the kernel's events about processes. */
export function expandProcessMonitorBuffer(written: WrittenGlobalDefs): BufferSize | null {
  return sizeOf(written.process_monitor_rcv_bufs, written.process_monitor_rcv_bufs_force);
}

/** As keepalived's dump has it, 0 is the same as nothing. */
function sizeOf(octets: number | undefined, force = false): BufferSize | null {
  return octets === undefined || octets === 0 ? null : { octets, force };
}
