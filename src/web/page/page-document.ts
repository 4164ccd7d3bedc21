import type { EventEntry } from "../../control/event-log.ts";
import { overrideText } from "../../control/override-status.ts";
import type {
  BfdInstanceStatus,
  OverrideStatus,
  RealServerState,
  RealServerStatus,
  StatusDocument,
  VirtualServerStatus,
  VrrpInstanceStatus,
} from "../../control/status-document.ts";
import { type Assessment, assess } from "./assess.ts";
import type { PageQuery } from "./page-query.ts";

/** What the status page shows. Not a contract: the page and this process are of one version. */
export interface PageDocument extends Assessment {
  readonly now: string;
  readonly daemon: StatusDocument["daemon"];
  readonly generation: number;
  readonly data_plane: StatusDocument["dataplane"];
  readonly drift: StatusDocument["drift"];
  readonly real_servers: Readonly<Record<RealServerState, number>>;
  readonly vrrp: readonly PageInstance[];
  readonly bfd: readonly Pick<BfdInstanceStatus, "name" | "neighbor" | "state" | "since" | "reason">[];
  readonly virtual_servers: {
    readonly total: number;
    readonly matching: number;
    readonly items: readonly PageVirtualServer[];
  };
  /** Newest first. */
  readonly events: readonly Pick<EventEntry, "seq" | "at" | "severity" | "message">[];
}

export type PageInstance = Omit<VrrpInstanceStatus, "counters" | "addresses"> & {
  readonly addresses: readonly string[];
  readonly missing: readonly string[];
};

export interface PageVirtualServer {
  readonly name: string;
  /** "TCP 192.0.2.1:80", or how many services it is. */
  readonly where: string;
  readonly state: VirtualServerStatus["state"];
  readonly scheduler: string;
  readonly method: string;
  readonly quorum: VirtualServerStatus["quorum"];
  readonly sorry_server: string | null;
  readonly panic: boolean;
  readonly refused: readonly string[];
  readonly up: number;
  readonly total: number;
  readonly connections: number;
  readonly connections_per_s: number;
  /** Null: not asked for. */
  readonly real_servers: {
    readonly matching: number;
    readonly items: readonly PageRealServer[];
  } | null;
}

export interface PageRealServer {
  readonly address: string;
  readonly state: RealServerState;
  readonly since: string;
  readonly reason: string;
  readonly weight: number;
  readonly effective_weight: number;
  readonly latency_ms: number | null;
  readonly active: number | null;
  readonly inactive: number | null;
  readonly connections_per_s: number | null;
  /** "drained by alice", or null. */
  readonly override: string | null;
}

const shownEvents = 50;

/** The status for people, with what needs a look first. Pure. */
export function pageDocument(
  status: StatusDocument,
  events: readonly EventEntry[],
  query: PageQuery,
  now: string,
): PageDocument {
  const matching = status.virtual_servers.flatMap((server) => {
    const found = match(server, query);
    return found === null ? [] : [{ server, found }];
  });
  const sorted = matching.toSorted((a, b) => urgency(a.server) - urgency(b.server));
  return {
    now,
    ...assess(status),
    daemon: status.daemon,
    generation: status.generation,
    data_plane: status.dataplane,
    drift: status.drift,
    real_servers: countStates(status.virtual_servers),
    vrrp: status.vrrp_instances.map(pageInstance),
    bfd: status.bfd_instances.map(({ name, neighbor, state, since, reason }) => {
      return { name, neighbor, state, since, reason };
    }),
    virtual_servers: {
      total: status.virtual_servers.length,
      matching: sorted.length,
      items: sorted.slice(0, query.limit).map(({ server, found }) => pageVirtualServer(server, found, query)),
    },
    events: events
      .slice(-shownEvents)
      .reverse()
      .map(({ seq, at, severity, message }) => ({ seq, at, severity, message })),
  };
}

/** The real servers that match: all of them when the virtual server does. Null: nothing does. */
function match(server: VirtualServerStatus, query: PageQuery): readonly RealServerStatus[] | null {
  const { search, troubleOnly } = query;
  const isTrouble = server.state !== "up" || server.real_servers.some(({ state }) => state !== "up");
  if (troubleOnly && !isTrouble) return null;
  if (search === "") return server.real_servers;
  const own = [server.name, server.group ?? "", ...server.services];
  if (own.some((text) => text.toLowerCase().includes(search))) return server.real_servers;
  const found = server.real_servers.filter((real) =>
    [endpoint(real), real.reason, real.state].some((text) => text.toLowerCase().includes(search)),
  );
  return found.length === 0 ? null : found;
}

const realServerOrder = { down: 0, unknown: 1, disabled: 2, drained: 3, up: 4 } as const;

function urgency({ state, real_servers: realServers }: VirtualServerStatus): number {
  if (state !== "up") return 0;
  const worst = Math.min(4, ...new Set(realServers.map((real) => realServerOrder[real.state])));
  return worst === 4 ? 3 : worst === 0 ? 1 : 2;
}

function pageVirtualServer(
  server: VirtualServerStatus,
  found: readonly RealServerStatus[],
  { open, search, realServerLimit }: PageQuery,
): PageVirtualServer {
  // Whoever searches wants to see what was found, as far as it is not simply all.
  const isOpen = open.includes(server.name) || (search !== "" && found.length < server.real_servers.length);
  const sorted = isOpen ? found.toSorted((a, b) => realServerOrder[a.state] - realServerOrder[b.state]) : [];
  const [first = ""] = server.services;
  return {
    name: server.name,
    where: server.services.length === 1 ? first : `${server.services.length} services, ${first} ...`,
    state: server.state,
    scheduler: server.lvs_sched,
    method: server.lvs_method,
    quorum: server.quorum,
    sorry_server: server.sorry_server?.in_service ? endpoint(server.sorry_server) : null,
    panic: server.panic?.active ?? false,
    refused: server.refused.map(({ object, cause }) => `${object}: ${cause}`),
    up: server.real_servers.filter(({ state }) => state === "up").length,
    total: server.real_servers.length,
    connections: server.real_servers.reduce((sum, { connections }) => sum + (connections?.active ?? 0), 0),
    connections_per_s: server.rates?.connections ?? 0,
    real_servers: isOpen
      ? { matching: found.length, items: sorted.slice(0, realServerLimit).map(pageRealServer) }
      : null,
  };
}

function pageRealServer(real: RealServerStatus): PageRealServer {
  const latencies = real.checks.flatMap(({ latency_ms: latency }) => latency ?? []);
  const [override] = real.overrides;
  return {
    address: endpoint(real),
    state: real.state,
    since: real.since,
    reason: real.reason,
    weight: real.weight,
    effective_weight: real.effective_weight,
    latency_ms: latencies.length === 0 ? null : Math.max(...latencies),
    active: real.connections?.active ?? null,
    inactive: real.connections?.inactive ?? null,
    connections_per_s: real.rates?.connections ?? null,
    override: override === undefined ? null : said(override),
  };
}

function said({ set_by, expires_at, next, ...override }: OverrideStatus): string {
  const end = expires_at === null ? "" : ` until ${expires_at}`;
  const then = next === null ? "" : `, then ${overrideText(next)} by ${next.set_by}`;
  return `${overrideText(override)} by ${set_by}${end}${then}`;
}

function pageInstance({ counters: _, addresses, ...instance }: VrrpInstanceStatus): PageInstance {
  return {
    ...instance,
    addresses: addresses.map(({ address }) => address),
    missing: instance.state === "master" ? addresses.flatMap(({ address, present }) => (present ? [] : [address])) : [],
  };
}

function countStates(servers: readonly VirtualServerStatus[]): Record<RealServerState, number> {
  const counts = { up: 0, down: 0, unknown: 0, disabled: 0, drained: 0 };
  for (const { real_servers: realServers } of servers) for (const { state } of realServers) counts[state] += 1;
  return counts;
}

function endpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
