import type { OperationSummary } from "../../control/api.ts";
import { describeSettings, differences } from "../../director/describe-settings.ts";
import type { PlannedOperation } from "../../director/planned-operation.ts";
import { objectOf, objectText, wantedOf } from "../../director/table-object.ts";

/** Operations as people read them: what is written, where, with which settings. */
export function summarize(operations: readonly PlannedOperation[]): OperationSummary[] {
  return operations.map((planned) => ({
    kind: planned.operation.kind,
    object: objectText(objectOf(planned.operation)),
    detail: detail(planned),
  }));
}

/** The settings that come or go; of a change, what differs. */
function detail({ operation, found }: PlannedOperation): string {
  const wanted = wantedOf(operation);
  if (wanted !== null && found !== null) {
    return differences(found, wanted)
      .map(({ name, from, to }) => `${name} ${from} -> ${to}`)
      .join(", ");
  }
  const object = wanted ?? found;
  return object === null ? "" : describeSettings(object);
}
