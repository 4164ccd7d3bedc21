import {
  type Destination,
  type DestinationEntry,
  endpointText,
  type OperationResult,
  type Service,
  type ServiceEntry,
  type Statistics,
  serviceKeyText,
  type TableOperation,
} from "ipvs-netlink";
import { objectOf, objectText } from "../table-object.ts";

interface Row {
  service: Service;
  readonly destinations: Map<string, Destination>;
}

export interface MemoryTableOptions {
  readonly schedulers: readonly string[];
  /** Addresses of the director itself: their destinations become LOCAL. */
  readonly localAddresses: readonly string[];
}

export const kernelLike: MemoryTableOptions = {
  schedulers: ["rr", "wrr", "lc", "wlc", "sh", "mh"],
  localAddresses: [],
};

const noStatistics: Statistics = {
  connections: 0,
  inPackets: 0,
  outPackets: 0,
  inBytes: 0,
  outBytes: 0,
  connectionsPerS: 0,
  inPacketsPerS: 0,
  outPacketsPerS: 0,
  inBytesPerS: 0,
  outBytesPerS: 0,
};

/** A table that answers writes as ip_vs_ctl.c does: EEXIST, ESRCH, ENOENT, ERANGE, LOCAL in place of other methods. */
export class MemoryTable {
  readonly #rows = new Map<string, Row>();
  readonly #options: MemoryTableOptions;

  constructor(options: MemoryTableOptions = kernelLike) {
    this.#options = options;
  }

  entries(): ServiceEntry[] {
    return [...this.#rows.values()].map(entryOf);
  }

  entry(serviceKey: string): ServiceEntry | null {
    const row = this.#rows.get(serviceKey);
    return row === undefined ? null : entryOf(row);
  }

  flush(): void {
    this.#rows.clear();
  }

  apply(operation: TableOperation): OperationResult {
    const errno = this.#errno(operation);
    if (errno === null) return { ok: true };
    return { ok: false, errno, message: `${operation.kind} ${objectText(objectOf(operation))}: ${errno}` };
  }

  #errno(operation: TableOperation): string | null {
    const text = serviceKeyText(operation.kind.endsWith("-service") ? objectOf(operation).service : keyOf(operation));
    const row = this.#rows.get(text);
    switch (operation.kind) {
      case "new-service":
        if (row !== undefined) return "EEXIST";
        if (!this.#options.schedulers.includes(operation.service.scheduler)) return "ENOENT";
        this.#rows.set(text, { service: operation.service, destinations: new Map() });
        return null;
      case "set-service":
        if (row === undefined) return "ESRCH";
        if (!this.#options.schedulers.includes(operation.service.scheduler)) return "ENOENT";
        row.service = operation.service;
        return null;
      case "del-service":
        return this.#rows.delete(text) ? null : "ESRCH";
      case "new-destination":
      case "set-destination": {
        if (row === undefined) return "ESRCH";
        const { destination } = operation;
        if (destination.lowerThreshold > destination.upperThreshold) return "ERANGE";
        const exists = row.destinations.has(endpointText(destination));
        if (exists === (operation.kind === "new-destination")) return exists ? "EEXIST" : "ENOENT";
        row.destinations.set(endpointText(destination), this.#asKept(destination));
        return null;
      }
      case "del-destination":
        if (row === undefined) return "ESRCH";
        return row.destinations.delete(endpointText(operation.destination)) ? null : "ENOENT";
    }
  }

  #asKept(destination: Destination): Destination {
    if (!this.#options.localAddresses.includes(destination.address)) return destination;
    return { ...destination, method: "LOCAL", tunnel: null };
  }
}

function keyOf(operation: TableOperation) {
  return objectOf(operation).service;
}

function entryOf({ service, destinations }: Row): ServiceEntry {
  const entries = [...destinations.values()].map(
    (destination): DestinationEntry => ({
      ...destination,
      activeConnections: 0,
      inactiveConnections: 0,
      persistentConnections: 0,
      statistics: noStatistics,
    }),
  );
  return { service, statistics: noStatistics, destinations: entries };
}
