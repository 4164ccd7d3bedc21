import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServiceEntry } from "ipvs-netlink";
import type { SessionView } from "../../bfd/process/session-view.ts";
import { View } from "../../control/view.ts";
import { keyOf } from "../../director/check-key.ts";
import { checkState, destination, model, realServer, service, virtualServer } from "../../director/testing/samples.ts";
import { newCounters } from "../../vrrp/process/counters.ts";
import type { InstanceView } from "../../vrrp/process/instance-view.ts";
import type { Known } from "../mirror.ts";
import type { Told } from "../told.ts";

export const noon = Date.UTC(2026, 0, 1, 12);

const instance: InstanceView = {
  name: "VI_1",
  state: "master",
  sinceEpochMs: noon,
  reason: "no advert from anybody for 3600 ms",
  interface: "eth0",
  family: "inet",
  version: 2,
  virtualRouterId: 51,
  syncGroup: null,
  priority: 100,
  basePriority: 100,
  contributions: [],
  master: null,
  addresses: [{ object: "address 192.0.2.100/24 dev eth0", present: true }],
  counters: { ...newCounters(), advertisementsSent: 7, otherMasterSeen: 2, checksumErrors: 3 },
};

const session: SessionView = {
  name: "peer",
  neighbor: "192.0.2.2",
  state: "down",
  sinceEpochMs: noon,
  reason: "nothing heard",
  counters: { sent: 1, sendErrors: 0, received: 0, discarded: 0, cameUp: 1, wentDown: 2 },
} as unknown as SessionView;

const told: Omit<Told, "view"> = {
  table: null,
  openFds: new Map(),
  overrides: [
    {
      virtualServer: null,
      realServer: "10.0.0.2:80",
      setting: { kind: "admin_state", adminState: "drained" },
      setBy: "alice",
      setAtEpochMs: noon,
      expiresAtEpochMs: null,
    },
  ],
  sessions: [session],
  daemon: {
    version: "0.1.0",
    pid: 42,
    started_at: "2026-01-01T00:00:00.000Z",
    router_id: "lb1",
    config_file: "/etc/lbctl/lbctl.yaml",
    config_id: null,
    reload_refused: null,
    data_plane_unavailable: null,
    checker: "running",
    vrrp: "running",
    bfd: "running",
  },
  dataPlane: "ipvs",
  virtualAddresses: [{ instance: "VI_1", address: "192.0.2.100/24", interface: "eth0" }],
  scripts: [
    { name: "chk", value: "down", isRunning: true },
    { name: "new", value: null, isRunning: false },
  ],
  processes: [
    { role: "checker", pid: 43, restarts: 1, answers: true },
    { role: "bfd", pid: null, restarts: 0, answers: true },
  ],
  counted: {
    checks: {
      durations: { "HTTP_GET ok": { buckets: [0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], sumMs: 20_006 } },
      ...{ lateRuns: 4, lateSumMs: 2, lateMaxMs: 1.5 },
    },
    events: { real_server_changed: 5 },
    reloads: { applied: 2, refused: 1, failed: 0, appliedEpochMs: noon, lastWasApplied: false },
  },
  vrrpLateMaxMs: 4,
  events: [],
};

const statistics = {
  ...{ connections: 10, inPackets: 20, outPackets: 30, inBytes: 40, outBytes: 50 },
  ...{ connectionsPerS: 1, inPacketsPerS: 2, outPacketsPerS: 3, inBytesPerS: 4, outBytesPerS: 5 },
};

/** A director with one virtual server, of whose real servers the second is down; VRRP, BFD, and something of everything that is counted. */
export function sampleKnown(change: Partial<Told> = {}): Known & { readonly table: readonly ServiceEntry[] } {
  const servers = [
    { ...virtualServer({ name: "web", realServers: [realServer(1), realServer(2)] }), panicThreshold: 10 },
  ];
  const view = new View(model(servers), 3);
  const [up, down] = servers[0]?.realServers.map(({ checks }) => checks.map(keyOf)) ?? [];
  const passed = { ...checkState("up"), verdict: { ok: true as const, latencyMs: 12 } };
  const reason = { kind: "status", got: 503, wanted: [] } as const;
  const failed = { ...checkState("down"), verdict: { ok: false as const, latencyMs: 3, reason, url: null } };
  view.apply({
    checks: [
      ...(up ?? []).map((key) => ({ key, state: passed })),
      ...(down ?? []).map((key) => ({ key, state: failed })),
    ],
    director: {
      virtualServers: [
        {
          name: "web",
          quorum: { needed: 1, hysteresis: 0, weightUp: 1, met: true, sinceEpochMs: noon },
          sorryServer: null,
          realServers: [1, 2].map((last) => ({
            ...{ address: `10.0.0.${last}`, port: 80, weight: 1, adminState: "enabled" as const, sinceEpochMs: noon },
            health: last === 1 ? "up" : "down",
            state: last === 1 ? "up" : "down",
            effectiveWeight: last === 1 ? 1 : 0,
            inTable: last === 1,
            reason: { kind: "checks_passed" as const },
          })),
        },
      ],
      drift: { repairedTotal: 6, last: null },
    },
  });
  view.configureInstances(["VI_1"]);
  view.applyInstances([instance]);
  const held = {
    ...{ ...destination(1), statistics, activeConnections: 4, inactiveConnections: 5, persistentConnections: 0 },
  };
  const table = [{ service: service(), statistics, destinations: [held] }];
  return { view, told: { ...told, view: {} as Told["view"], ...change }, table };
}

/** Serves on a port of the kernel's choice until closed. */
export async function serve(
  handle: Parameters<typeof createServer>[1] & object,
): Promise<{ readonly url: string; readonly server: Server; close(): Promise<void> }> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${port}`, server, close };
}
