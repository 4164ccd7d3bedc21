import {
  type Destination,
  endpointText,
  type Service,
  type ServiceEntry,
  serviceKeyText,
  type TableOperation,
} from "ipvs-netlink";
import { objectOf } from "./table-object.ts";

/** An operation with what its object is now; null is absent. */
export interface PlannedOperation {
  readonly operation: TableOperation;
  readonly found: Service | Destination | null;
}

/** Each operation with what the table holds of its object. */
export function withFound(operations: readonly TableOperation[], actual: readonly ServiceEntry[]): PlannedOperation[] {
  const entries = new Map(actual.map((entry) => [serviceKeyText(entry.service.key), entry]));
  return operations.map((operation) => {
    const { service, destination } = objectOf(operation);
    const entry = entries.get(serviceKeyText(service));
    if (destination === null) return { operation, found: entry?.service ?? null };
    const text = endpointText(destination);
    return { operation, found: entry?.destinations.find((held) => endpointText(held) === text) ?? null };
  });
}
