import type { CheckState } from "@lbctl/checkers";
import { type DestinationEntry, endpointText, type ServiceEntry, type Statistics, serviceKeyText } from "ipvs-netlink";
import type { RealServer, VirtualServer } from "../../config/model.ts";
import { heldBy } from "../../control/status.ts";
import type { View } from "../../control/view.ts";
import { keyOf } from "../../director/check-key.ts";
import type { RealServerDecision, VirtualServerDecision } from "../../director/decision.ts";
import type { InstanceView } from "../../vrrp/process/instance-view.ts";
import type { ProcessUsage } from "../process-usage.ts";
import type { Told } from "../told.ts";
import { type BackendRow, backendRows } from "./backend-rows.ts";
import type { Labels } from "./labels.ts";

/** What IPVS has counted altogether. */
export type IpvsTotals = Pick<Statistics, "connections" | "inPackets" | "outPackets" | "inBytes" | "outBytes">;

/** All that a scrape tells of, put in rows. */
export interface Scrape {
  readonly view: View;
  readonly told: Told;
  readonly backends: readonly BackendRow[];
  readonly totals: IpvsTotals;
  readonly virtualServers: readonly VirtualServerRow[];
  readonly realServers: readonly RealServerRow[];
  readonly instances: readonly InstanceRow[];
  readonly processes: readonly ProcessUsage[];
  readonly nodeVersion: string;
}

export interface VirtualServerRow {
  readonly labels: Labels;
  readonly server: VirtualServer;
  readonly decision: VirtualServerDecision | undefined;
  readonly isRefused: boolean;
  readonly refusedObjects: number;
  /** Null while the table does not hold it. */
  readonly statistics: IpvsTotals | null;
}

export interface RealServerRow {
  readonly labels: Labels;
  readonly decision: RealServerDecision | undefined;
  /** Of its slowest check; null: none has ended yet. */
  readonly latencyMs: number | null;
  /** Why its checks failed the last time, each once. */
  readonly errors: readonly { readonly labels: Labels }[];
  readonly statistics: IpvsTotals | null;
}

export interface InstanceRow {
  /** As exporters of keepalived have them. */
  readonly labels: Labels;
  readonly instance: InstanceView;
}

export interface ScrapeInput {
  readonly view: View;
  readonly told: Told;
  readonly table: readonly ServiceEntry[];
  /** Null: they cannot be read, and are what the services have. */
  readonly totals: IpvsTotals | null;
  readonly processes: readonly ProcessUsage[];
  readonly nodeVersion: string;
}

/** Pure but for the labels, which are remembered. */
export function scrapeOf({ view, told, table, totals, processes, nodeVersion }: ScrapeInput): Scrape {
  const entries = new Map(table.map((entry) => [serviceKeyText(entry.service.key), entry]));
  const virtualServers: VirtualServerRow[] = [];
  const realServers: RealServerRow[] = [];
  const refusals = Map.groupBy(view.refusals, ({ object }) => object.split(" -> ")[0] ?? object);
  for (const server of view.model.virtualServers) {
    const decision = view.decisions.get(server.name);
    const keys = server.services.map(({ key }) => serviceKeyText(key));
    const found = keys.flatMap((key) => entries.get(key) ?? []);
    const labels = labelsOf(server);
    virtualServers.push({
      ...{ labels: labels.own, server, decision },
      isRefused: keys.every((key) => !entries.has(key) && refusals.get(key)?.some(({ object }) => object === key)),
      refusedObjects: keys.reduce((count, key) => count + (refusals.get(key)?.length ?? 0), 0),
      statistics: sum(found.map(({ statistics }) => statistics)),
    });
    const held = found.length === 0 ? () => [] : heldBy(server, found);
    const decided = new Map(decision?.realServers.map((real) => [endpointText(real), real]));
    server.realServers.forEach((real, index) => {
      const own = labels.realServers[index] ?? {};
      realServers.push(realServerRow(real, own, decided.get(own.real_server ?? ""), held(real), view.checks));
    });
  }
  return {
    ...{ view, told, processes, nodeVersion, virtualServers, realServers },
    backends: backendRows(table),
    totals: totals ?? sum(table.map(({ statistics }) => statistics)) ?? zero,
    instances: view.instances.map((instance) => {
      const { name, interface: on, virtualRouterId } = instance;
      return { labels: { iname: name, intf: on ?? "", vrid: `${virtualRouterId}` }, instance };
    }),
  };
}

interface ServerLabels {
  readonly own: Labels;
  readonly realServers: readonly Labels[];
}

/** Of virtual servers of the configuration in force, which stay the same objects until the next. */
const remembered = new WeakMap<VirtualServer, ServerLabels>();

function labelsOf(server: VirtualServer): ServerLabels {
  let labels = remembered.get(server);
  if (labels === undefined) {
    const { name } = server;
    const realServers = server.realServers.map(({ destination }) => ({
      virtual_server: name,
      real_server: endpointText(destination),
    }));
    labels = { own: { virtual_server: name }, realServers };
    remembered.set(server, labels);
  }
  return labels;
}

function realServerRow(
  { checks }: RealServer,
  labels: Labels,
  decision: RealServerDecision | undefined,
  held: readonly DestinationEntry[],
  states: ReadonlyMap<string, CheckState>,
): RealServerRow {
  let latencyMs: number | null = null;
  const errors = new Map<string, RealServerRow["errors"][number]>();
  for (const check of checks) {
    const verdict = states.get(keyOf(check))?.verdict ?? null;
    if (verdict === null) continue;
    latencyMs = Math.max(latencyMs ?? 0, verdict.latencyMs);
    if (verdict.ok) continue;
    const { kind } = verdict.reason;
    errors.set(kind, { labels: { ...labels, class: kind } });
  }
  const statistics = sum(held.map((entry) => entry.statistics));
  return { labels, decision, latencyMs, errors: [...errors.values()], statistics };
}

const zero: IpvsTotals = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };

function sum(all: readonly Statistics[]): IpvsTotals | null {
  if (all.length < 2) return all[0] ?? null;
  const total = { ...zero };
  for (const each of all) {
    total.connections += each.connections;
    total.inPackets += each.inPackets;
    total.outPackets += each.outPackets;
    total.inBytes += each.inBytes;
    total.outBytes += each.outBytes;
  }
  return total;
}
