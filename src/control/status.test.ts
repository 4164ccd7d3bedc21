import type { DestinationEntry, ServiceEntry, Statistics } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import type { RealServerDecision, VirtualServerDecision } from "../director/decision.ts";
import type { Refusal } from "../director/refusals.ts";
import {
  checkState,
  destination,
  healthOf,
  model,
  realServer,
  service,
  sorryServer,
  virtualServer,
} from "../director/testing/samples.ts";
import { statusSchema } from "./response-schemas.ts";
import { buildStatus } from "./status.ts";
import type { DaemonStatus } from "./status-document.ts";
import { View } from "./view.ts";

const daemon: DaemonStatus = {
  version: "0.1.0",
  pid: 42,
  started_at: "2026-01-01T00:00:00.000Z",
  router_id: null,
  config_file: "/etc/lbctl/lbctl.yaml",
  config_id: null,
  reload_refused: null,
  data_plane_unavailable: null,
  checker: "running",
  vrrp: "off",
  bfd: "off",
};

const noon = Date.UTC(2026, 0, 1, 12);

/** Every counter is a multiple of `n`, each of another. */
function statistics(n: number): Statistics {
  return {
    connections: n,
    inPackets: 2 * n,
    outPackets: 3 * n,
    inBytes: 4 * n,
    outBytes: 5 * n,
    connectionsPerS: 6 * n,
    inPacketsPerS: 7 * n,
    outPacketsPerS: 8 * n,
    inBytesPerS: 9 * n,
    outBytesPerS: 10 * n,
  };
}

const statsOf = (n: number) => ({
  connections: n,
  in_packets: 2 * n,
  out_packets: 3 * n,
  in_bytes: 4 * n,
  out_bytes: 5 * n,
});
const ratesOf = (n: number) => ({
  connections: 6 * n,
  in_packets: 7 * n,
  out_packets: 8 * n,
  in_bytes: 9 * n,
  out_bytes: 10 * n,
});

function held(last: number, n: number): DestinationEntry {
  return {
    ...destination(last),
    activeConnections: n,
    inactiveConnections: 10 * n,
    persistentConnections: 100 * n,
    statistics: statistics(n),
  };
}

function entry(key: ServiceEntry["service"], n: number, ...destinations: DestinationEntry[]): ServiceEntry {
  return { service: key, statistics: statistics(n), destinations };
}

function decided(last: number, change: Partial<RealServerDecision> = {}): RealServerDecision {
  return {
    address: `10.0.0.${last}`,
    port: 80,
    weight: 1,
    health: "up",
    adminState: "enabled",
    state: "up",
    effectiveWeight: 1,
    inTable: true,
    reason: { kind: "checks_passed" },
    sinceEpochMs: noon,
    ...change,
  };
}

function decision(change: Partial<VirtualServerDecision> = {}): VirtualServerDecision {
  return {
    name: "web",
    quorum: { needed: 1, hysteresis: 0, weightUp: 2, met: true, sinceEpochMs: noon },
    sorryServer: null,
    realServers: [decided(1), decided(2)],
    ...change,
  };
}

function viewOf(servers: Parameters<typeof model>[0], ...decisions: VirtualServerDecision[]): View {
  const view = new View(model(servers), 3);
  view.apply({ director: { virtualServers: decisions } });
  return view;
}

const statusOf = (view: View, table: readonly ServiceEntry[] = []) => buildStatus(view, [], table, "ipvs", [], daemon);

describe("the document is a contract: exactly these keys, of these types", () => {
  const parse = (view: View, table: readonly ServiceEntry[]) =>
    statusSchema.parse(JSON.parse(JSON.stringify(statusOf(view, table))));

  test("when everything is known", () => {
    const view = viewOf(
      [virtualServer({ sorryServer: sorryServer(9) })],
      decision({ sorryServer: { address: "10.0.0.9", port: 80, inService: false, sinceEpochMs: noon } }),
    );
    view.apply({
      checks: [healthOf(1, "down", noon)],
      director: {
        refusals: [refusal("TCP 192.0.2.1:80")],
        drift: { repairedTotal: 3, last: { epochMs: noon, what: "TCP 192.0.2.1:80: gone" } },
      },
    });
    expect(parse(view, [entry(service(), 1, held(1, 1))])).toEqual(statusOf(view, [entry(service(), 1, held(1, 1))]));
  });

  test("when nothing is known yet", () => {
    const view = viewOf([
      virtualServer({ services: [service({ key: { kind: "fwmark", family: "inet", fwmark: 4 } })] }),
    ]);
    expect(parse(view, [])).toEqual(statusOf(view, []));
  });
});

function refusal(object: string): Refusal {
  const message = `new-service ${object}: ENOENT: no such scheduler`;
  return { object, operation: "new-service", errno: "ENOENT", message, attempts: 1, sinceEpochMs: noon };
}

describe("a virtual server", () => {
  test("before the checker process has reported: what is configured, and nothing else", () => {
    const [server] = statusOf(viewOf([virtualServer({ quorum: 2, hysteresis: 1 })])).virtual_servers;
    expect(server).toMatchObject({
      name: "web",
      address: "192.0.2.1",
      port: 80,
      protocol: "TCP",
      fwmark: null,
      services: ["TCP 192.0.2.1:80"],
      group: null,
      lvs_sched: "wrr",
      lvs_method: "NAT",
      state: "down",
      quorum: { needed: 2, hysteresis: 1, weight_up: 0, met: false },
      sorry_server: null,
      panic: null,
      stats: null,
      rates: null,
      refused: [],
    });
    expect(server?.real_servers[0]).toEqual({
      address: "10.0.0.1",
      port: 80,
      lvs_method: "NAT",
      weight: 1,
      effective_weight: 0,
      health: "unknown",
      admin_state: "enabled",
      state: "unknown",
      overrides: [],
      reason: "the checker has not reported yet",
      since: daemon.started_at,
      checks: [{ type: "TCP_CHECK", state: "unknown", reason: null, latency_ms: null, checked_at: null }],
      connections: null,
      stats: null,
      rates: null,
    });
  });

  test("of a group: its numbers are the sums over its services, each as often as the table holds it", () => {
    const services = [service(), service({ port: 81 }), service({ port: 82 })];
    const view = viewOf([virtualServer({ group: "all", services })], decision());
    const table = [
      entry(service(), 1, held(1, 1), held(2, 2)),
      entry(service({ port: 81 }), 10, held(1, 10)),
      entry(service({ port: 99 }), 1000, held(1, 1000)),
    ];
    const [server] = statusOf(view, table).virtual_servers;
    expect(server).toMatchObject({
      group: "all",
      address: null,
      port: null,
      protocol: "TCP",
      stats: statsOf(11),
      rates: ratesOf(11),
    });
    expect(server?.real_servers).toMatchObject([
      { connections: { active: 11, inactive: 110, persistent: 1100 }, stats: statsOf(11), rates: ratesOf(11) },
      { connections: { active: 2, inactive: 20, persistent: 200 }, stats: statsOf(2), rates: ratesOf(2) },
    ]);
  });

  test("of a group with several ports: a real server without a port of its own has that of each service", () => {
    const services = [service(), service({ port: 443 })];
    const realServers = [realServer(1, { destination: destination(1, { port: 0 }) })];
    const view = viewOf([virtualServer({ group: "all", services, realServers })], decision());
    const table = [
      entry(service(), 1, { ...held(1, 1), port: 80 }),
      entry(service({ port: 443 }), 10, { ...held(1, 10), port: 443 }, { ...held(1, 1000), port: 80 }),
    ];
    const [server] = statusOf(view, table).virtual_servers;
    expect(server?.services).toEqual(["TCP 192.0.2.1:80", "TCP 192.0.2.1:443"]);
    expect(server?.real_servers).toMatchObject([{ port: 0, connections: { active: 11 }, stats: statsOf(11) }]);
  });

  test("of a firewall mark has no address, and finds its entry by mark and family", () => {
    const key = { kind: "fwmark", family: "inet6", fwmark: 7 } as const;
    const view = viewOf([virtualServer({ services: [service({ key })] })], decision());
    const other = service({ key: { ...key, family: "inet" } });
    const [server] = statusOf(view, [entry(other, 5), entry(service({ key }), 1)]).virtual_servers;
    expect(server).toMatchObject({ address: null, port: null, protocol: null, fwmark: 7, stats: statsOf(1) });
  });

  test("whose quorum is lost is down, with its sorry server in service", () => {
    const view = viewOf(
      [virtualServer({ quorum: 2, sorryServer: sorryServer(9) })],
      decision({
        quorum: { needed: 2, hysteresis: 0, weightUp: 1, met: false, sinceEpochMs: noon },
        sorryServer: { address: "10.0.0.9", port: 80, inService: true, sinceEpochMs: noon },
      }),
    );
    expect(statusOf(view).virtual_servers[0]).toMatchObject({
      state: "down",
      panic: null,
      quorum: { needed: 2, weight_up: 1, met: false },
      sorry_server: { address: "10.0.0.9", port: 80, lvs_method: "NAT", in_service: true },
    });
  });

  test("has the refusals of its services and their destinations, and of no other", () => {
    const services = [service(), service({ port: 81 })];
    const view = viewOf([
      virtualServer({ services }),
      virtualServer({ name: "other", services: [service({ port: 8 })] }),
    ]);
    const objects = ["TCP 192.0.2.1:80", "TCP 192.0.2.1:81 -> 10.0.0.1:80", "TCP 192.0.2.1:800"];
    view.apply({ director: { refusals: objects.map(refusal) } });
    const [web, other] = statusOf(view).virtual_servers;
    expect(web?.refused.map(({ object }) => object)).toEqual(objects.slice(0, 2));
    expect(web?.refused[0]?.cause).toContain("no such scheduler");
    expect(other?.refused).toEqual([]);
    expect([web?.state, other?.state]).toEqual(["down", "down"]);
  });

  test("is refused when the table has none of its services", () => {
    const services = [service(), service({ port: 81 })];
    const view = viewOf([virtualServer({ services })]);
    view.apply({ director: { refusals: ["TCP 192.0.2.1:80", "TCP 192.0.2.1:81"].map(refusal) } });
    expect(statusOf(view).virtual_servers[0]?.state).toBe("refused");
  });
});

test("a real server has its decision, and each check its last result", () => {
  const down = decided(1, {
    health: "down",
    state: "drained",
    adminState: "drained",
    effectiveWeight: 0,
    reason: { kind: "admin", adminState: "drained" },
  });
  const view = viewOf(
    [virtualServer({ realServers: [realServer(1, { weight: 5 })] })],
    decision({ realServers: [down] }),
  );
  view.apply({ checks: [healthOf(1, "down", noon)] });
  expect(statusOf(view).virtual_servers[0]?.real_servers).toMatchObject([
    {
      weight: 5,
      effective_weight: 0,
      health: "down",
      admin_state: "drained",
      state: "drained",
      reason: "drained by the operator",
      since: "2026-01-01T12:00:00.000Z",
      checks: [
        {
          type: "TCP_CHECK",
          state: "down",
          reason: "connect refused",
          latency_ms: 1,
          checked_at: "2026-01-01T12:00:00.000Z",
        },
      ],
    },
  ]);
});

test("a check that passed says how fast", () => {
  const view = viewOf([virtualServer()], decision());
  const state = { ...checkState("up", noon), verdict: { ok: true, latencyMs: 1.2 } } as const;
  view.apply({ checks: [{ key: healthOf(1, "up").key, state }] });
  expect(statusOf(view).virtual_servers[0]?.real_servers[0]?.checks).toMatchObject([
    { state: "up", reason: "ok in 1.2 ms", latency_ms: 1.2 },
  ]);
});

test("drift is counted, and the last one has its time", () => {
  const view = viewOf([]);
  expect(statusOf(view).drift).toEqual({ repaired_total: 0, last: null });
  view.apply({ director: { drift: { repairedTotal: 7, last: { epochMs: noon, what: "gone" } } } });
  expect(statusOf(view).drift).toEqual({
    repaired_total: 7,
    last: { at: "2026-01-01T12:00:00.000Z", what: "gone" },
  });
});
