import type { CheckSpec } from "../check.ts";
import type { Findings, Reason } from "../verdict.ts";

/** The number of the file times its weight may go down to this, and not to it (keepalived.conf(5), Track files). */
const lowest = -(2 ** 31);

/**
 * What the number in a file means for a real server: with weight 0 any but zero fails, with reverse zero does; else it is added to
 * the weight of the real server, as often as its own weight says, with reverse taken away.
 */
export function judgeFile(
  { weight, reverse }: Pick<Extract<CheckSpec, { type: "FILE_CHECK" }>, "weight" | "reverse">,
  value: number,
): { readonly ok: true; readonly findings: Findings } | { readonly ok: false; readonly reason: Reason } {
  if (weight === 0) {
    if ((value === 0) !== reverse) return { ok: true, findings: { weightAdds: 0 } };
    return { ok: false, reason: { kind: "file", value, wanted: reverse ? "another number" : "0" } };
  }
  // Adding 0 turns a negative zero into zero.
  const weightAdds = value * weight * (reverse ? -1 : 1) + 0;
  if (weightAdds > lowest) return { ok: true, findings: { weightAdds } };
  return { ok: false, reason: { kind: "file_below_limit", value, result: weightAdds } };
}
