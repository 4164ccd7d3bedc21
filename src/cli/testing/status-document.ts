import type { RealServerStatus, StatusDocument, VirtualServerStatus } from "../../control/status-document.ts";

/** The moment of the documents. */
export const nowEpochMs = Date.UTC(2026, 0, 2);
/** RFC 3339, so many seconds ago. */
export const ago = (s: number) => new Date(nowEpochMs - s * 1000).toISOString();

const counters = { connections: 12, in_packets: 0, out_packets: 0, in_bytes: 0, out_bytes: 0 };

/** A real server with this last octet. */
export function real(last: number, change: Partial<RealServerStatus> = {}): RealServerStatus {
  return {
    address: `10.0.0.${last}`,
    port: 80,
    lvs_method: "NAT",
    weight: 1,
    effective_weight: 1,
    health: "up",
    admin_state: "enabled",
    state: "up",
    overrides: [],
    reason: "all checks pass",
    since: ago(3700),
    checks: [],
    connections: { active: 5, inactive: 17, persistent: 0 },
    stats: counters,
    rates: { ...counters, connections: 3 },
    ...change,
  };
}

/** A virtual server with one. */
export function virtual(change: Partial<VirtualServerStatus> = {}): VirtualServerStatus {
  return {
    name: "web",
    address: "192.0.2.1",
    port: 80,
    protocol: "TCP",
    fwmark: null,
    group: null,
    services: ["TCP 192.0.2.1:80"],
    lvs_sched: "wrr",
    lvs_method: "NAT",
    state: "up",
    quorum: { needed: 1, hysteresis: 0, weight_up: 3, met: true },
    sorry_server: null,
    panic: null,
    real_servers: [real(1)],
    stats: counters,
    rates: counters,
    refused: [],
    ...change,
  };
}

/** What a daemon answers that has these. */
export function document(
  servers: readonly VirtualServerStatus[],
  change: Partial<StatusDocument> = {},
  daemon: Partial<StatusDocument["daemon"]> = {},
): StatusDocument {
  return {
    version: 1,
    generation: 2,
    dataplane: "ipvs",
    virtual_servers: servers,
    vrrp_instances: [],
    bfd_instances: [],
    drift: { repaired_total: 0, last: null },
    daemon: {
      version: "0.1.0",
      pid: 1,
      started_at: ago(90),
      router_id: null,
      config_file: "/etc/lbctl/lbctl.yaml",
      config_id: null,
      reload_refused: null,
      data_plane_unavailable: null,
      checker: "running",
      vrrp: "off",
      bfd: "off",
      ...daemon,
    },
    ...change,
  };
}
