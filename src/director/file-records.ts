import { join } from "node:path";
import { bootId } from "../files/boot-id.ts";
import { StampedRecord } from "../files/stamped-record.ts";
import { parseHealthSnapshot } from "./health-snapshot.ts";
import { parseOwnership } from "./ownership.ts";
import type { DirectorRecords } from "./records.ts";

/**
 * The records of one table, kept in the run-time directory. `identity` names this life of the table: the network namespace,
 * or the start id of the user-space data plane (asked at each use, since that process may be restarted under us).
 */
export function fileRecords(runDir: string, identity: () => string): DirectorRecords {
  const boot = bootId();
  const stamp = () => ({ bootId: boot, identity: identity() });
  return {
    ownership: new StampedRecord(join(runDir, "ownership.json"), stamp, parseOwnership),
    health: new StampedRecord(join(runDir, "health.json"), stamp, parseHealthSnapshot),
  };
}
