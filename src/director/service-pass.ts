import type { Instant } from "@lbctl/checkers";
import { type Destination, endpointText, type OperationResult, type TableOperation } from "ipvs-netlink";
import type { DesiredEntry } from "./desired.ts";
import { diffService } from "./diff.ts";
import { type Drift, driftsOf } from "./drift.ts";
import { finderByEndpoint } from "./find-by-endpoint.ts";
import { type RefusalCause, type Refusals, sameOperation } from "./refusals.ts";
import { objectOf, objectText } from "./table-object.ts";

/** Operations of earlier rounds of the same pass with their results, by object. */
export type Tried = Map<string, { readonly operation: TableOperation; readonly result: OperationResult }>;

/** What one round is to do for one service. */
export interface ServiceStep {
  readonly wanted: DesiredEntry | null;
  readonly actual: DesiredEntry | null;
  readonly additive: readonly TableOperation[];
  readonly reductive: readonly TableOperation[];
  /** By object: operations that repair what others did. */
  readonly drifts: ReadonlyMap<string, Drift>;
  /** Nothing to do, nothing withheld: the table holds what it should. */
  readonly settled: boolean;
  /** Operations that failed, or did nothing, in an earlier round: refused. */
  readonly newlyRefused: readonly { readonly operation: TableOperation; readonly cause: RefusalCause }[];
  /** Objects that differ from what they should be, whether something is done about it now or not. */
  readonly differing: ReadonlySet<string>;
}

function unverified(operation: TableOperation): RefusalCause {
  const what = `${operation.kind} ${objectText(objectOf(operation))}`;
  return {
    errno: "UNVERIFIED",
    message: `${what}: UNVERIFIED: it was accepted, but the object reads back differently`,
  };
}

/**
 * Plans one round for one service of ours. What was tried before in this pass and is still needed is refused, and what is
 * refused waits for its next attempt. A refused service makes its destinations consequences: they are not tried.
 */
export function planStep(
  wanted: DesiredEntry | null,
  actual: DesiredEntry | null,
  known: DesiredEntry | null | undefined,
  tried: Tried,
  refusals: Refusals,
  now: Instant,
): ServiceStep {
  const { additive, reductive } = diffService(wanted, actual);
  const all = [...additive, ...reductive];
  const creates = all[0]?.kind === "new-service";
  const newlyRefused: { operation: TableOperation; cause: RefusalCause }[] = [];
  const allowed = (operation: TableOperation): boolean => {
    const before = tried.get(objectText(objectOf(operation)));
    // With its service gone meanwhile, an earlier result says nothing about a destination.
    const stillCounts = !creates || operation.kind === "new-service";
    if (before !== undefined && stillCounts && sameOperation(before.operation, operation)) {
      newlyRefused.push({ operation, cause: before.result.ok ? unverified(operation) : before.result });
      return false;
    }
    return !refusals.holds(operation, now);
  };
  const mayAdd = additive.filter(allowed);
  const serviceWithheld = creates && mayAdd[0]?.kind !== "new-service";
  const attempted = serviceWithheld ? [] : mayAdd;
  const taken = serviceWithheld ? [] : reductive.filter(allowed);
  const withheldOrAll = serviceWithheld ? all.slice(0, 1) : all;
  const drifts = driftsOf([...attempted, ...taken], actual, known);
  return {
    wanted,
    actual,
    additive: attempted,
    reductive: taken,
    drifts: new Map(drifts.map((drift) => [objectText(drift.object), drift])),
    settled: all.length === 0,
    newlyRefused: serviceWithheld ? newlyRefused.slice(0, 1) : newlyRefused,
    differing: new Set(withheldOrAll.map((operation) => objectText(objectOf(operation)))),
  };
}

/**
 * Whether traffic may be taken away from the service now: not while its replacement was refused and nothing else of the desired
 * table carries traffic. The servers that are out of favour then stay.
 */
export function mayReduce({ wanted, actual }: ServiceStep, applied: readonly TableOperation[]): boolean {
  const created = actual !== null || applied.some(({ kind }) => kind === "new-service");
  if (wanted !== null && !created) return false;
  const before = finderByEndpoint(actual?.destinations ?? []);
  const brought = new Set<string>();
  for (const operation of applied) {
    if (operation.kind === "new-destination" || operation.kind === "set-destination") {
      if (operation.destination.weight > 0) brought.add(endpointText(operation.destination));
    }
  }
  let live = false;
  for (const [index, destination] of wanted?.destinations.entries() ?? []) {
    if (destination.weight === 0) continue;
    live = true;
    if ((before(destination, index)?.weight ?? 0) > 0 || brought.has(endpointText(destination))) return true;
  }
  return !live;
}

/** The service after these operations succeeded; null is absent. */
export function afterwards(actual: DesiredEntry | null, applied: readonly TableOperation[]): DesiredEntry | null {
  let service = actual?.service ?? null;
  const destinations = new Map<string, Destination>(
    actual?.destinations.map((destination) => [endpointText(destination), destination]),
  );
  for (const operation of applied) {
    switch (operation.kind) {
      case "new-service":
      case "set-service":
        service = operation.service;
        break;
      case "del-service":
        return null;
      case "new-destination":
      case "set-destination":
        destinations.set(endpointText(operation.destination), operation.destination);
        break;
      case "del-destination":
        destinations.delete(endpointText(operation.destination));
        break;
    }
  }
  return service === null ? null : { service, destinations: [...destinations.values()] };
}
