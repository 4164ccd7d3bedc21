import { type CheckState, describeVerdict } from "@lbctl/checkers";
import { type DestinationEntry, endpointText, type ServiceEntry, type Statistics, serviceKeyText } from "ipvs-netlink";
import type { SessionView } from "../bfd/process/session-view.ts";
import { atPort, type RealServer, type VirtualServer } from "../config/model.ts";
import { keyOf } from "../director/check-key.ts";
import type { RealServerDecision, VirtualServerDecision } from "../director/decision.ts";
import { describeStateReason } from "../director/describe-event.ts";
import type { Refusal } from "../director/refusals.ts";
import { type OperatorOverride, overridesAt } from "../operator/overrides.ts";
import { bfdInstanceStatus } from "./bfd-status.ts";
import { overrideStatus } from "./override-status.ts";
import type {
  CheckStatus,
  DaemonStatus,
  OverrideStatus,
  RatesStatus,
  RealServerStatus,
  StatsStatus,
  StatusDocument,
  VirtualServerStatus,
} from "./status-document.ts";
import { statusVersion } from "./status-document.ts";
import type { View } from "./view.ts";
import { vrrpInstanceStatus } from "./vrrp-status.ts";

/** The status document from what the supervisor knows and the counters of the table, read just now. Pure. */
export function buildStatus(
  view: View,
  overrides: readonly OperatorOverride[],
  table: readonly ServiceEntry[],
  dataplane: "ipvs" | "userspace",
  sessions: readonly SessionView[],
  daemon: DaemonStatus,
): StatusDocument {
  const entries = new Map(table.map((entry) => [serviceKeyText(entry.service.key), entry]));
  const said = Map.groupBy(overrides, ({ realServer }) => realServer);
  const refusals = Map.groupBy(view.refusals, ({ object }) => object.split(" -> ")[0] ?? object);
  const { repairedTotal, last } = view.drift;
  return {
    version: statusVersion,
    generation: view.generation,
    dataplane,
    virtual_servers: view.model.virtualServers.map((server) =>
      virtualServerStatus(server, view, said, entries, refusals, daemon),
    ),
    vrrp_instances: view.instances.map(vrrpInstanceStatus),
    bfd_instances: sessions.map(bfdInstanceStatus),
    drift: { repaired_total: repairedTotal, last: last === null ? null : { at: time(last.epochMs), what: last.what } },
    daemon,
  };
}

function virtualServerStatus(
  server: VirtualServer,
  view: View,
  said: ReadonlyMap<string, readonly OperatorOverride[]>,
  entries: ReadonlyMap<string, ServiceEntry>,
  refusals: ReadonlyMap<string, readonly Refusal[]>,
  daemon: DaemonStatus,
): VirtualServerStatus {
  const decision = view.decisions.get(server.name);
  const keys = server.services.map(({ key }) => serviceKeyText(key));
  const found = keys.flatMap((key) => entries.get(key) ?? []);
  const first = server.services[0];
  const key = first?.key;
  const byAddress = server.services.map((service) => service.key).find((each) => each.kind === "address") ?? null;
  const alone = server.group === null;
  const decided = new Map(decision?.realServers.map((real) => [endpointText(real), real]));
  const heldOf = heldBy(server, found);
  const totals = sumStatistics(found.map(({ statistics }) => statistics));
  const isRefused = keys.every(
    (text) => !entries.has(text) && refusals.get(text)?.some(({ object }) => object === text),
  );
  return {
    name: server.name,
    address: alone ? (byAddress?.address ?? null) : null,
    port: alone ? (byAddress?.port ?? null) : null,
    protocol: byAddress?.protocol ?? null,
    fwmark: alone && key?.kind === "fwmark" ? key.fwmark : null,
    group: server.group,
    services: keys,
    lvs_sched: first?.scheduler ?? "",
    lvs_method: server.lvsMethod,
    state: isRefused ? "refused" : decision?.quorum.met ? "up" : "down",
    quorum: {
      needed: server.quorum,
      hysteresis: server.hysteresis,
      weight_up: decision?.quorum.weightUp ?? 0,
      met: decision?.quorum.met ?? false,
    },
    sorry_server:
      server.sorryServer === null
        ? null
        : {
            address: server.sorryServer.destination.address,
            port: server.sorryServer.destination.port,
            lvs_method: server.sorryServer.destination.method,
            in_service: decision?.sorryServer?.inService ?? false,
          },
    panic: panicStatus(server, decision),
    real_servers: server.realServers.map((real) =>
      realServerStatus(
        real,
        decided.get(endpointText(real.destination)),
        overridesOf(server, real, said),
        heldOf(real),
        view.checks,
        daemon,
      ),
    ),
    stats: totals === null ? null : stats(totals),
    rates: totals === null ? null : rates(totals),
    refused: keys
      .flatMap((text) => refusals.get(text) ?? [])
      .map(({ object, message }) => ({ object, cause: message })),
  };
}

function overridesOf(
  { name: virtualServer }: VirtualServer,
  { destination }: RealServer,
  said: ReadonlyMap<string, readonly OperatorOverride[]>,
): OverrideStatus[] {
  const realServer = endpointText(destination);
  const place = { virtualServer, realServer };
  const here = said.get(realServer) ?? [];
  return overridesAt(here, place).map((each) => overrideStatus(each, here, place));
}

function panicStatus(
  { panicThreshold: threshold }: VirtualServer,
  decision: VirtualServerDecision | undefined,
): VirtualServerStatus["panic"] {
  if (threshold === undefined) return null;
  const { up = 0, counted = 0, active = false } = decision?.panic ?? {};
  return { threshold, up, counted, active };
}

/** What the table holds of a real server, in each service: one without a port of its own has that of the service. */
export function heldBy(
  server: VirtualServer,
  found: readonly ServiceEntry[],
): (real: RealServer) => readonly DestinationEntry[] {
  const held = Map.groupBy(
    found.flatMap(({ service: { key }, destinations }) => {
      const port = key.kind === "fwmark" ? 0 : key.port;
      return destinations.map((destination) => ({ port, destination }));
    }),
    ({ port, destination }) => `${port} ${endpointText(destination)}`,
  );
  const ports = new Set(server.services.map(({ key }) => (key.kind === "fwmark" ? 0 : key.port)));
  return ({ destination }) =>
    [...ports].flatMap((port) =>
      (held.get(`${port} ${endpointText(atPort(destination, port))}`) ?? []).map((each) => each.destination),
    );
}

function realServerStatus(
  real: RealServer,
  decided: RealServerDecision | undefined,
  overrides: readonly OverrideStatus[],
  held: readonly DestinationEntry[],
  checks: ReadonlyMap<string, CheckState>,
  daemon: DaemonStatus,
): RealServerStatus {
  const { address, port, method, weight } = real.destination;
  const totals = sumStatistics(held.map(({ statistics }) => statistics));
  return {
    address,
    port,
    lvs_method: method,
    weight,
    effective_weight: decided?.effectiveWeight ?? 0,
    health: decided?.health ?? "unknown",
    admin_state: decided?.adminState ?? "enabled",
    state: decided?.state ?? "unknown",
    overrides,
    reason: decided === undefined ? "the checker has not reported yet" : describeStateReason(decided.reason),
    since: decided === undefined ? daemon.started_at : time(decided.sinceEpochMs),
    checks: real.checks.map((check) => checkStatus(check.spec.type, checks.get(keyOf(check)))),
    connections: held.length === 0 ? null : connections(held),
    stats: totals === null ? null : stats(totals),
    rates: totals === null ? null : rates(totals),
  };
}

function checkStatus(type: string, state: CheckState | undefined): CheckStatus {
  const verdict = state?.verdict ?? null;
  return {
    type,
    state: state?.health ?? "unknown",
    reason: verdict === null ? null : describeVerdict(verdict),
    latency_ms: verdict?.latencyMs ?? null,
    checked_at: state?.checkedEpochMs == null ? null : time(state.checkedEpochMs),
  };
}

function connections(held: readonly DestinationEntry[]): NonNullable<RealServerStatus["connections"]> {
  return {
    active: sum(held, (entry) => entry.activeConnections),
    inactive: sum(held, (entry) => entry.inactiveConnections),
    persistent: sum(held, (entry) => entry.persistentConnections),
  };
}

/** One virtual server may be several kernel services: its numbers are their sums. */
function sumStatistics(all: readonly Statistics[]): Statistics | null {
  const [first, ...rest] = all;
  if (first === undefined) return null;
  const names = Object.keys(first) as (keyof Statistics)[];
  return rest.reduce(
    (total, next) => Object.fromEntries(names.map((name) => [name, total[name] + next[name]])) as unknown as Statistics,
    first,
  );
}

function stats(total: Statistics): StatsStatus {
  return {
    connections: total.connections,
    in_packets: total.inPackets,
    out_packets: total.outPackets,
    in_bytes: total.inBytes,
    out_bytes: total.outBytes,
  };
}

function rates(total: Statistics): RatesStatus {
  return {
    connections: total.connectionsPerS,
    in_packets: total.inPacketsPerS,
    out_packets: total.outPacketsPerS,
    in_bytes: total.inBytesPerS,
    out_bytes: total.outBytesPerS,
  };
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

function time(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
