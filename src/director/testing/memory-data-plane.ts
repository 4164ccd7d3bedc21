import {
  type OperationResult,
  type ServiceEntry,
  type ServiceKey,
  serviceKeyText,
  type TableOperation,
} from "ipvs-netlink";
import { type DataPlane, everyCapability, type IpvsControl } from "../data-plane.ts";
import { objectOf, objectText } from "../table-object.ts";
import type { ManualTime } from "./manual-time.ts";
import type { MemoryTable } from "./memory-table.ts";

/** What goes wrong, and when. Every hook may be set at any time. */
export interface Faults {
  /** Rejects every call: the module or the process is gone. */
  gone: string | null;
  /** Reads that fail before one succeeds: interrupted dumps. */
  interruptedReads: number;
  /** The writer dies, and takes the rest of its batch along, after this many operations. */
  operationsLeft: number;
  /** By text of the object: errno that every write to it gets. */
  readonly refused: Map<string, string>;
  /** Runs before each operation of a batch: somebody else writing in between. */
  beforeOperation: (operation: TableOperation) => void;
}

/** One writer's access to a table that others write too, with latency and everyCapability that the real ones do wrong. */
export class MemoryDataPlane implements DataPlane {
  readonly name = "ipvs";
  readonly capabilities = everyCapability;
  control: IpvsControl | null = null;
  readonly faults: Faults = {
    gone: null,
    interruptedReads: 0,
    operationsLeft: Number.POSITIVE_INFINITY,
    refused: new Map(),
    beforeOperation: () => {},
  };
  /** Every operation that was sent, with its result. */
  readonly sent: { operation: TableOperation; result: OperationResult }[] = [];
  /** Services answered by reads so far. */
  servicesRead = 0;
  #callsUnderWay = 0;
  /** The most calls that were under way at once. */
  maxConcurrency = 0;
  readonly #table: MemoryTable;
  readonly #time: ManualTime;
  readonly #latencyMs: number;

  constructor(table: MemoryTable, time: ManualTime, latencyMs = 1) {
    this.#table = table;
    this.#time = time;
    this.#latencyMs = latencyMs;
  }

  dump(): Promise<readonly ServiceEntry[]> {
    return this.#call(() => this.#answer(this.#table.entries()));
  }

  read(keys: readonly ServiceKey[]): Promise<readonly ServiceEntry[]> {
    return this.#call(() => this.#answer(keys.flatMap((key) => this.#table.entry(serviceKeyText(key)) ?? [])));
  }

  apply(operations: readonly TableOperation[]): Promise<readonly OperationResult[]> {
    return this.#call(() => {
      return operations.map((operation) => {
        if (this.faults.operationsLeft === 0) this.faults.gone = "killed";
        if (this.faults.gone !== null) throw new Error(this.faults.gone);
        this.faults.operationsLeft -= 1;
        this.faults.beforeOperation(operation);
        const result = this.#write(operation);
        this.sent.push({ operation, result });
        return result;
      });
    });
  }

  async close(): Promise<void> {}

  /** Operations sent since the last call. */
  takeSent(): TableOperation[] {
    return this.sent.splice(0).map(({ operation }) => operation);
  }

  #write(operation: TableOperation): OperationResult {
    const object = objectText(objectOf(operation));
    const errno = this.faults.refused.get(object);
    if (errno !== undefined) return { ok: false, errno, message: `${operation.kind} ${object}: ${errno}` };
    return this.#table.apply(operation);
  }

  #answer(entries: ServiceEntry[]): ServiceEntry[] {
    if (this.faults.interruptedReads > 0) {
      this.faults.interruptedReads -= 1;
      throw new Error("the table changed while it was listed");
    }
    this.servicesRead += entries.length;
    return entries;
  }

  async #call<T>(work: () => T): Promise<T> {
    this.#callsUnderWay += 1;
    this.maxConcurrency = Math.max(this.maxConcurrency, this.#callsUnderWay);
    try {
      await this.#time.sleep(this.#latencyMs);
      if (this.faults.gone !== null) throw new Error(this.faults.gone);
      return work();
    } finally {
      this.#callsUnderWay -= 1;
    }
  }
}
