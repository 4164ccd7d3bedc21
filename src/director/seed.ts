import type { CheckState } from "@lbctl/checkers";
import { type ServiceEntry, serviceKeyText } from "ipvs-netlink";
import type { Model, RealServer } from "../config/model.ts";
import { keyOf } from "./check-key.ts";
import { evidenceOf } from "./evidence.ts";
import { type Override, realServerKey } from "./facts.ts";

/** What a predecessor left: its last snapshot, the table, and which services of it were ours. */
export interface Inheritance {
  readonly snapshot: {
    readonly checks: ReadonlyMap<string, CheckState>;
    readonly settled: ReadonlySet<string>;
    readonly unsettled: ReadonlySet<string>;
  } | null;
  readonly table: readonly ServiceEntry[];
  readonly isOwned: (serviceKey: string) => boolean;
  /** What operators say, by `realServerKey`. */
  readonly overrides: ReadonlyMap<string, Override>;
}

/**
 * Check states to start from, so that a restart neither puts a dead real server back nor takes a healthy one out. A real server
 * that carries traffic passed its checks; one that is absent did not, and counts as down until it does. The snapshot
 * decides where it knew that the table was not what health would have made it (something was still to be done, an
 * operator intervened). Where neither knows anything (first start, new target) there is no seed and alpha decides.
 */
export function seed(
  model: Model,
  { snapshot, table, isOwned, overrides }: Inheritance,
  nowEpochMs: number,
): Map<string, CheckState> {
  const ours = table.filter(({ service }) => isOwned(serviceKeyText(service.key)));
  const byKey = new Map(ours.map((entry) => [serviceKeyText(entry.service.key), entry.destinations]));
  const evidence = model.virtualServers
    .flatMap((virtualServer) => evidenceOf(virtualServer, (text) => byKey.get(text) ?? null))
    .map(({ virtualServer, realServer, present }) => {
      const keys = realServer.checks.map(keyOf);
      const key = realServerKey(virtualServer, realServer.destination);
      const isKnown = keys.some((each) => snapshot?.checks.has(each));
      // In neither list: it came into the table after the snapshot, hence with a newer health than the recorded one.
      const absenceCounts = !takenOut(realServer, overrides.get(key)) && (snapshot?.settled.has(key) ?? true);
      const counts = present ? !snapshot?.unsettled.has(key) || !isKnown : absenceCounts;
      return { keys, present, counts };
    })
    .filter(({ counts }) => counts);
  const seeds = new Map(snapshot?.checks);
  // A check may serve several real servers: that one of them carries traffic proves that it passed.
  const proven = new Set(evidence.flatMap(({ keys, present }) => (present ? keys : [])));
  for (const key of proven) if (seeds.get(key)?.health !== "up") seeds.set(key, state("up", nowEpochMs));
  for (const { keys, present } of evidence) {
    const isExplained = keys.some((key) => snapshot?.checks.get(key)?.health === "down");
    if (present || isExplained) continue;
    for (const key of keys) if (!proven.has(key)) seeds.set(key, state("down", nowEpochMs));
  }
  return seeds;
}

/** Whether it carries nothing because somebody said so, whatever its health. */
function takenOut({ inhibitOnFailure }: RealServer, override: Override | undefined): boolean {
  if (override === undefined) return false;
  const idle = override.adminState === "drained" || override.weight === 0;
  return override.adminState === "disabled" || (idle && inhibitOnFailure);
}

function state(health: "up" | "down", nowEpochMs: number): CheckState {
  return { health, sinceEpochMs: nowEpochMs, failures: 0, verdict: null, checkedEpochMs: null };
}
