import type { ServiceKey } from "ipvs-netlink";
import type { LoadedRecord } from "../files/stamped-record.ts";
import type { HealthSnapshot } from "./health-snapshot.ts";

/** A record of the run-time directory, wherever it is kept. */
export interface RecordStore<T> {
  readonly path: string;
  load(): Promise<LoadedRecord<T>>;
  save(content: T): Promise<void>;
  remove(): Promise<void>;
}

/** What the director leaves to its successor. */
export interface DirectorRecords {
  /** Keys of the services that we created or took over. */
  readonly ownership: RecordStore<readonly ServiceKey[]>;
  readonly health: RecordStore<HealthSnapshot>;
}
