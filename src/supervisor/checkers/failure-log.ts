import { type CheckChange, describeVerdict, ordinal } from "@lbctl/checkers";
import { endpointText } from "ipvs-netlink";
import type { LogRecord, Severity } from "../../log/record.ts";

/**
 * The log line of a failure that takes nothing down yet: "info" where log_all_failures asks for it, "debug" otherwise. Null for any
 * other result: what changes a real server's state is told by the director.
 */
export function failureLog({ check, state, transition }: CheckChange): {
  readonly severity: Severity;
  readonly message: string;
  readonly fields: LogRecord["fields"];
} | null {
  const { verdict, failures, health } = state;
  if (verdict === null || verdict.ok || transition !== null || health === "down") return null;
  const { spec, timing, logAllFailures } = check;
  const target = endpointText(spec.connect);
  return {
    severity: logAllFailures ? "info" : "debug",
    message: `check ${spec.type} ${target}: ${describeVerdict(verdict)} (${ordinal(failures)} failure, down at the ${ordinal(timing.retry + 1)})`,
    fields: { event: "check_failed", check: spec.type, target, failures },
  };
}
