/**
 * What `lbctl status --json` prints and GET /v1/status answers. A contract: keys are snake_case and only added within a
 * version; every change of meaning raises `statusVersion`. docs/status-json.md describes it for users.
 */
export const statusVersion = 1;

export interface StatusDocument {
  readonly version: typeof statusVersion;
  /** Counts the configurations that this daemon has applied, from 1. */
  readonly generation: number;
  readonly dataplane: "ipvs" | "userspace";
  readonly virtual_servers: readonly VirtualServerStatus[];
  /** In the order of the configuration. */
  readonly vrrp_instances: readonly VrrpInstanceStatus[];
  /** In the order of the configuration. */
  readonly bfd_instances: readonly BfdInstanceStatus[];
  readonly drift: DriftStatus;
  readonly daemon: DaemonStatus;
}

/** Something an operator said of a real server, as long as it is in force. */
export interface OverrideStatus extends NextStatus {
  readonly real_server: string;
  /** Null: in every virtual server that has it. */
  readonly virtual_server: string | null;
  /** What was said before and counts again when this has ended; null: the configuration and the checks do. */
  readonly next: NextStatus | null;
}

export interface NextStatus {
  readonly admin_state: "enabled" | "drained" | "disabled" | null;
  readonly weight: number | null;
  readonly set_by: string;
  readonly set_at: string;
  readonly expires_at: string | null;
}

export type CheckHealth = "up" | "down" | "unknown";
export type RealServerState = CheckHealth | "disabled" | "drained";

export interface VirtualServerStatus {
  readonly name: string;
  /** Null for a firewall mark and for a group. */
  readonly address: string | null;
  readonly port: number | null;
  readonly protocol: string | null;
  readonly fwmark: number | null;
  readonly group: string | null;
  /** The kernel services that it is: several for a group. */
  readonly services: readonly string[];
  readonly lvs_sched: string;
  readonly lvs_method: string;
  readonly state: "up" | "down" | "refused";
  readonly quorum: {
    readonly needed: number;
    readonly hysteresis: number;
    readonly weight_up: number;
    readonly met: boolean;
  };
  readonly sorry_server: SorryServerStatus | null;
  /** Null without a panic_threshold. Active: so few real servers are up that all of them take traffic. */
  readonly panic: {
    readonly threshold: number;
    readonly up: number;
    readonly counted: number;
    readonly active: boolean;
  } | null;
  readonly real_servers: readonly RealServerStatus[];
  /** Null where the table does not hold the service (refused, or not yet written). */
  readonly stats: StatsStatus | null;
  readonly rates: RatesStatus | null;
  /** What the data plane refused of this virtual server, with its cause. */
  readonly refused: readonly { readonly object: string; readonly cause: string }[];
}

export interface SorryServerStatus {
  readonly address: string;
  readonly port: number;
  readonly lvs_method: string;
  readonly in_service: boolean;
}

export interface RealServerStatus {
  readonly address: string;
  readonly port: number;
  readonly lvs_method: string;
  /** As configured. */
  readonly weight: number;
  /** As wanted in the table now; 0 when it takes no new connections. */
  readonly effective_weight: number;
  readonly health: CheckHealth;
  readonly admin_state: "enabled" | "disabled" | "drained";
  readonly state: RealServerState;
  /** What operators said of it that counts now. */
  readonly overrides: readonly OverrideStatus[];
  /** Why it is in this state, a sentence. */
  readonly reason: string;
  /** When the state was entered, RFC 3339. */
  readonly since: string;
  readonly checks: readonly CheckStatus[];
  /** Null where the table does not hold the destination. */
  readonly connections: { readonly active: number; readonly inactive: number; readonly persistent: number } | null;
  readonly stats: StatsStatus | null;
  readonly rates: RatesStatus | null;
}

export interface CheckStatus {
  readonly type: string;
  readonly state: CheckHealth;
  readonly reason: string | null;
  readonly latency_ms: number | null;
  readonly checked_at: string | null;
}

export interface StatsStatus {
  readonly connections: number;
  readonly in_packets: number;
  readonly out_packets: number;
  readonly in_bytes: number;
  readonly out_bytes: number;
}

/** Per second, as the data plane estimates them. */
export interface RatesStatus {
  readonly connections: number;
  readonly in_packets: number;
  readonly out_packets: number;
  readonly in_bytes: number;
  readonly out_bytes: number;
}

export interface VrrpInstanceStatus {
  readonly name: string;
  readonly state: "initialize" | "backup" | "master" | "leaving" | "fault" | "stopped";
  readonly since: string;
  /** Why it is master, or why not, a sentence. */
  readonly reason: string;
  /** Null: unicast, wherever routing says. */
  readonly interface: string | null;
  readonly family: "inet" | "inet6";
  readonly version: 2 | 3;
  readonly virtual_router_id: number;
  readonly sync_group: string | null;
  /** In adverts now: the base and what is active. */
  readonly priority: number;
  readonly base_priority: number;
  readonly contributions: readonly {
    /** "script chk_nginx". */
    readonly source: string;
    readonly weight: number;
    readonly active: boolean;
  }[];
  /** Who is master, as far as is known; this router itself when it is. */
  readonly master: { readonly address: string; readonly priority: number; readonly seen_at: string } | null;
  readonly addresses: readonly { readonly address: string; readonly present: boolean }[];
  /** Since the instance was configured. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface BfdInstanceStatus {
  readonly name: string;
  readonly state: "admin_down" | "down" | "init" | "up";
  readonly since: string;
  /** Why it is in that state, a sentence. */
  readonly reason: string;
  /** Of this process's session; what VRRP and the checkers are told may be older while it is true. */
  readonly settling: boolean;
  readonly neighbor: string;
  /** Null: the kernel chooses. */
  readonly source: string | null;
  readonly multihop: boolean;
  readonly discriminator: number;
  readonly multiplier: number;
  /** Between two packets of ours, before jitter; null: none are sent. */
  readonly tx_interval_ms: number | null;
  /** How long the neighbour may be silent; null: nothing was heard of it. */
  readonly detection_time_ms: number | null;
  /** What the neighbour said last; null: nothing for a detection time, or ever. */
  readonly remote: {
    readonly state: "admin_down" | "down" | "init" | "up";
    readonly diagnostic: string;
    readonly discriminator: number;
    readonly min_tx_ms: number;
    readonly min_rx_ms: number;
    readonly multiplier: number;
  } | null;
  /** Since the session was configured, or its process started. */
  readonly counters: Readonly<Record<string, number>>;
}

export interface DriftStatus {
  readonly repaired_total: number;
  readonly last: { readonly at: string; readonly what: string } | null;
}

export interface DaemonStatus {
  readonly version: string;
  readonly pid: number;
  readonly started_at: string;
  /** As configured, or null. */
  readonly router_id: string | null;
  readonly config_file: string;
  /** What lines of the file that begin with @ are compared with (-i); null: it was not given. */
  readonly config_id: string | null;
  /** The last reload that was refused since the configuration in force was applied. */
  readonly reload_refused: { readonly at: string; readonly reason: string } | null;
  /** Why the data plane cannot be reached; null if it can. */
  readonly data_plane_unavailable: string | null;
  /** "off": there is nothing for it to do. */
  readonly checker: "off" | "starting" | "running" | "restarting";
  readonly vrrp: "off" | "starting" | "running" | "restarting";
  readonly bfd: "off" | "starting" | "running" | "restarting";
}
