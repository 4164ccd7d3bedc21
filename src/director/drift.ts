import { type Destination, endpointText, type Service, type TableOperation } from "ipvs-netlink";
import { sameDestination, sameService } from "./canonical.ts";
import type { DesiredEntry } from "./desired.ts";
import { objectOf, type TableObject, wantedOf } from "./table-object.ts";

/** The table differs from what we last wrote or read: somebody else wrote. `null` is absent. */
export interface Drift {
  readonly object: TableObject;
  readonly operation: TableOperation["kind"];
  readonly found: Service | Destination | null;
  readonly wanted: Service | Destination | null;
}

/**
 * Which operations of one service repair what others did, rather than carry out a change of ours. `known` is the service as we
 * last wrote or read it: null is absent, undefined is that we never saw it, in which case nothing is drift.
 */
export function driftsOf(
  operations: readonly TableOperation[],
  actual: DesiredEntry | null,
  known: DesiredEntry | null | undefined,
): Drift[] {
  if (known === undefined || known === actual || operations.length === 0) return [];
  const actualByKey = new Map(actual?.destinations.map((destination) => [endpointText(destination), destination]));
  const knownByKey = new Map(known?.destinations.map((destination) => [endpointText(destination), destination]));
  return operations.flatMap((operation): Drift[] => {
    const object = objectOf(operation);
    const base = { object, operation: operation.kind, wanted: wantedOf(operation) };
    if (object.destination === null) {
      const found = actual?.service ?? null;
      return sameOrBothAbsent(known?.service ?? null, found, sameService) ? [] : [{ ...base, found }];
    }
    const text = endpointText(object.destination);
    const entry = actualByKey.get(text);
    const found = entry === undefined ? null : settingsOf(entry);
    // With the service goes what it held: its return is one repair, and its destinations are part of it.
    if (actual === null) return [];
    return sameOrBothAbsent(knownByKey.get(text) ?? null, found, sameDestination) ? [] : [{ ...base, found }];
  });
}

function sameOrBothAbsent<T>(known: T | null, found: T | null, same: (known: T, found: T) => boolean): boolean {
  if (known === null || found === null) return known === found;
  return same(known, found);
}

function settingsOf(entry: Destination): Destination {
  const { address, port, method, weight, upperThreshold, lowerThreshold, tunnel } = entry;
  return { address, port, method, weight, upperThreshold, lowerThreshold, tunnel };
}
