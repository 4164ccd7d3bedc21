import {
  type Destination,
  type DestinationKey,
  endpointText,
  type Service,
  type ServiceKey,
  serviceKeyText,
  type TableOperation,
} from "ipvs-netlink";

/** A service, or with `destination` one of its destinations. */
export interface TableObject {
  readonly service: ServiceKey;
  readonly destination: DestinationKey | null;
}

/** "TCP 192.0.2.1:80", or "TCP 192.0.2.1:80 -> 10.0.0.11:80". */
export function objectText({ service, destination }: TableObject): string {
  const text = serviceKeyText(service);
  return destination === null ? text : `${text} -> ${endpointText(destination)}`;
}

export function objectOf(operation: TableOperation): TableObject {
  switch (operation.kind) {
    case "new-service":
    case "set-service":
      return { service: operation.service.key, destination: null };
    case "del-service":
      return { service: operation.key, destination: null };
    case "new-destination":
    case "set-destination":
    case "del-destination": {
      const { address, port } = operation.destination;
      return { service: operation.key, destination: { address, port } };
    }
  }
}

/** What the operation wants the object to be; null is absent. */
export function wantedOf(operation: TableOperation): Service | Destination | null {
  switch (operation.kind) {
    case "new-service":
    case "set-service":
      return operation.service;
    case "new-destination":
    case "set-destination":
      return operation.destination;
    case "del-service":
    case "del-destination":
      return null;
  }
}

export type OperationCounts = Readonly<Record<TableOperation["kind"], number>>;

export const noOperations: OperationCounts = {
  "new-service": 0,
  "set-service": 0,
  "del-service": 0,
  "new-destination": 0,
  "set-destination": 0,
  "del-destination": 0,
};

export function totalOf(counts: OperationCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
