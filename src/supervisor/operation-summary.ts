import type { Destination, Service, TableOperation } from "ipvs-netlink";
import type { OperationSummary } from "../control/api.ts";
import { objectOf, objectText, wantedOf } from "../director/table-object.ts";

/** Operations as people read them: what is written, where, with which settings. */
export function summarize(operations: readonly TableOperation[]): OperationSummary[] {
  return operations.map((operation) => ({
    kind: operation.kind,
    object: objectText(objectOf(operation)),
    detail: describeSettings(wantedOf(operation)),
  }));
}

function describeSettings(wanted: Service | Destination | null): string {
  if (wanted === null) return "";
  return "scheduler" in wanted ? describeService(wanted) : describeDestination(wanted);
}

function describeService({ scheduler, schedulerFlags, persistence, onePacket }: Service): string {
  const parts = [`scheduler ${scheduler}`, ...schedulerFlags];
  if (persistence !== null) parts.push(`persistence ${persistence.timeoutS} s /${persistence.prefixLength}`);
  if (onePacket) parts.push("ops");
  return parts.join(" ");
}

function describeDestination({ method, weight, upperThreshold, lowerThreshold, tunnel }: Destination): string {
  const parts = [`weight ${weight}`, tunnel === null ? method : `${method} ${tunnel.type}`];
  if (upperThreshold > 0) parts.push(`uthreshold ${upperThreshold}`);
  if (lowerThreshold > 0) parts.push(`lthreshold ${lowerThreshold}`);
  return parts.join(" ");
}
