import { join } from "node:path";
import { bootId } from "../../files/boot-id.ts";
import { StampedRecord } from "../../files/stamped-record.ts";
import { type LinkRecord, parseLinkRecord } from "./link-record.ts";

/** The record of changed sysctls in the run-time directory. `identity` is the network namespace. */
export function linkRecord(runDir: string, identity: string): StampedRecord<LinkRecord> {
  const stamp = { bootId: bootId(), identity };
  return new StampedRecord(join(runDir, "links.json"), () => stamp, parseLinkRecord);
}
