import { join } from "node:path";
import { bootId } from "../../files/boot-id.ts";
import { StampedRecord } from "../../files/stamped-record.ts";
import { type OwnershipRecord, parseOwnershipRecord } from "./ownership-record.ts";

/** The record of addresses, routes and rules in the run-time directory. `identity` is the network namespace. */
export function addressRecord(runDir: string, identity: string): StampedRecord<OwnershipRecord> {
  const stamp = { bootId: bootId(), identity };
  return new StampedRecord(join(runDir, "addresses.json"), () => stamp, parseOwnershipRecord);
}
