import type { CheckState } from "@lbctl/checkers";
import { type Destination, endpointText, type ServiceEntry, serviceKeyText } from "ipvs-netlink";
import type { Model, RealServer, VirtualServer } from "../config/model.ts";
import { keyOf } from "./check-key.ts";

/** What a predecessor left: its last snapshot (empty without one), the table, and which services of it were ours. */
export interface Inheritance {
  readonly snapshot: ReadonlyMap<string, CheckState>;
  readonly table: readonly ServiceEntry[];
  readonly isOwned: (serviceKey: string) => boolean;
}

/**
 * Check states to start from, so that a restart neither puts a dead real server back nor takes a healthy one out. The table
 * is newer than the snapshot where they differ: a real server that carries traffic passed its checks, one that is absent
 * did not, and counts as down until it does. Without either (first start, new target) there is no seed and alpha decides.
 */
export function seed(
  model: Model,
  { snapshot, table, isOwned }: Inheritance,
  nowEpochMs: number,
): Map<string, CheckState> {
  const byKey = new Map(table.map((entry) => [serviceKeyText(entry.service.key), entry]));
  const evidence = model.virtualServers.flatMap((virtualServer) => evidenceOf(virtualServer, byKey, isOwned));
  const seeds = new Map(snapshot);
  // A check may serve several real servers: that one of them carries traffic proves that it passed.
  const proven = new Set(evidence.flatMap(({ realServer, present }) => (present ? realServer.checks.map(keyOf) : [])));
  for (const { realServer, present } of evidence) {
    const keys = realServer.checks.map(keyOf);
    if (present) {
      for (const key of keys) if (seeds.get(key)?.health !== "up") seeds.set(key, state("up", nowEpochMs));
    } else if (!keys.some((key) => snapshot.get(key)?.health === "down")) {
      for (const key of keys) if (!proven.has(key)) seeds.set(key, state("down", nowEpochMs));
    }
  }
  return seeds;
}

interface Evidence {
  readonly realServer: RealServer;
  readonly present: boolean;
}

/** What the table says about the health of each real server; nothing where it cannot know. */
function evidenceOf(
  { services, realServers, sorryServer }: VirtualServer,
  table: ReadonlyMap<string, ServiceEntry>,
  isOwned: (serviceKey: string) => boolean,
): Evidence[] {
  const texts = services.map((service) => serviceKeyText(service.key));
  const entry = texts.filter(isOwned).flatMap((text) => table.get(text) ?? [])[0];
  if (entry === undefined) return [];
  const destinations = new Map(entry.destinations.map((destination) => [endpointText(destination), destination]));
  const sorryText = sorryServer === null ? null : endpointText(sorryServer.destination);
  // With the sorry server in service real servers are out whatever their health.
  if (sorryText !== null && (destinations.get(sorryText)?.weight ?? 0) > 0) return [];
  return realServers
    .filter(({ destination }) => endpointText(destination) !== sorryText)
    .map((realServer) => ({
      realServer,
      present: carriesTraffic(realServer, destinations.get(endpointText(realServer.destination))),
    }));
}

function carriesTraffic({ destination, inhibitOnFailure }: RealServer, found: Destination | undefined): boolean {
  if (found === undefined) return false;
  // Weight 0 is how a failed real server is inhibited, but also how it is configured or drained.
  return found.weight > 0 || !inhibitOnFailure || destination.weight === 0;
}

function state(health: "up" | "down", nowEpochMs: number): CheckState {
  return { health, sinceEpochMs: nowEpochMs, failures: 0, verdict: null, checkedEpochMs: null };
}
