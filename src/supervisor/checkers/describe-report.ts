import { countOf } from "../../text/count.ts";
import type { ApplyReport } from "./messages.ts";

/** "4 new-service, 16 new-destination", or that there was nothing to do. */
export function describeReport({ operations, refused, unavailable }: ApplyReport): string {
  if (unavailable !== null) return `nothing written yet, the data plane cannot be reached: ${unavailable}`;
  const counts = Object.entries(operations).flatMap(([kind, count]) => (count > 0 ? [`${count} ${kind}`] : []));
  const done = counts.length === 0 ? "the table is as wanted, nothing written" : counts.join(", ");
  return refused.length === 0 ? done : `${done}; ${countOf(refused.length, "object")} refused`;
}
