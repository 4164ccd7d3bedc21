import type { TableOperation } from "ipvs-netlink";
import type { Refusal } from "./refusals.ts";
import { noOperations, type OperationCounts } from "./table-object.ts";

/** What became of one service in a pass. */
export interface ServiceOutcome {
  /** Operations that the data plane carried out. */
  readonly applied: readonly TableOperation["kind"][];
  /** Refusals of the service and its destinations that are open now. */
  readonly refused: readonly Refusal[];
  /** Destinations it had when first read; null if the table did not hold it. */
  readonly foundDestinations: number | null;
}

/** What became of a request. Plain data. */
export interface PassReport {
  readonly operations: OperationCounts;
  readonly refused: readonly Refusal[];
  /** Services that were as they should be. */
  readonly unchanged: number;
  readonly foundServices: number;
  readonly foundDestinations: number;
  /** Why the data plane could not be reached; the work is done when it returns. */
  readonly unavailable: string | null;
}

export const emptyReport: PassReport = {
  operations: noOperations,
  refused: [],
  unchanged: 0,
  foundServices: 0,
  foundDestinations: 0,
  unavailable: null,
};

export function reportOf(outcomes: Iterable<ServiceOutcome>, unavailable: string | null = null): PassReport {
  const operations = { ...noOperations };
  const refused: Refusal[] = [];
  let unchanged = 0;
  let foundServices = 0;
  let foundDestinations = 0;
  for (const outcome of outcomes) {
    for (const kind of outcome.applied) operations[kind] += 1;
    refused.push(...outcome.refused);
    if (outcome.applied.length === 0 && outcome.refused.length === 0) unchanged += 1;
    if (outcome.foundDestinations !== null) {
      foundServices += 1;
      foundDestinations += outcome.foundDestinations;
    }
  }
  return { operations, refused, unchanged, foundServices, foundDestinations, unavailable };
}
