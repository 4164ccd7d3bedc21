import { type Diagnostic, hasErrors } from "../../../src/config/diagnostics.ts";
import { type ConfigResult, noContext, parseConfig } from "../../../src/config/parse-config.ts";

/** What lbctl says of a text. What it does not support yet counts as accepted: that is no flaw of the text. */
export interface OwnVerdict {
  readonly valid: boolean;
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
  /** Something in it is not supported yet, so that lbctl would not start with it. */
  readonly pending: boolean;
}

export function ownVerdict(text: string): OwnVerdict {
  return verdictOf(parseConfig(text, "lb.conf", { ...noContext, configId: "high" }));
}

export function verdictOf(result: ConfigResult): OwnVerdict {
  const all = result.ok ? result.warnings : result.diagnostics;
  const errors = all.filter((each) => hasErrors([each]) && !isPending(each));
  return {
    valid: errors.length === 0,
    errors,
    warnings: all.filter((each) => !hasErrors([each])),
    pending: all.some(isPending),
  };
}

function isPending({ code, message }: Diagnostic): boolean {
  return code === "unsupported-keyword" && message.includes("not supported yet");
}
