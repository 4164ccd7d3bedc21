import type { ServiceKey } from "ipvs-netlink";
import type { LoadedRecord } from "../../files/stamped-record.ts";
import type { HealthSnapshot } from "../health-snapshot.ts";
import type { DirectorRecords, RecordStore } from "../records.ts";

/** A record that outlives its writer, like one on disk. */
export class MemoryRecord<T> implements RecordStore<T> {
  readonly path: string;
  content: T | null = null;
  /** Message of the error that writes reject with. */
  failure: string | null = null;

  constructor(path: string) {
    this.path = path;
  }

  async load(): Promise<LoadedRecord<T>> {
    return this.content === null ? { kind: "absent" } : { kind: "loaded", content: this.content };
  }

  async save(content: T): Promise<void> {
    if (this.failure !== null) throw new Error(this.failure);
    this.content = structuredClone(content);
  }

  async remove(): Promise<void> {
    this.content = null;
  }
}

export interface MemoryRecords extends DirectorRecords {
  readonly ownership: MemoryRecord<readonly ServiceKey[]>;
  readonly health: MemoryRecord<HealthSnapshot>;
}

export function memoryRecords(): MemoryRecords {
  return { ownership: new MemoryRecord("ownership.json"), health: new MemoryRecord("health.json") };
}
