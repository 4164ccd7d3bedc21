import type { Check, CheckState } from "@lbctl/checkers";
import { keyOf } from "./check-key.ts";

/** The kernel keeps weights as a signed number of 32 bits (struct ip_vs_dest_user). */
const greatestWeight = 0x7fff_ffff;

/**
 * The configured weight and what the checks say of it: each that names a weight, or a share of the configured one, adds how far
 * that is from the configured one, so that a single one sets it (keepalived.conf(5), MISC_CHECK); a FILE_CHECK adds what it says.
 * Only what each said last counts, in whatever order they said it. A share above nothing is never rounded down to nothing.
 */
export function dynamicWeight(
  configured: number,
  checks: readonly Check[],
  states: ReadonlyMap<string, CheckState>,
): number {
  let weight = configured;
  for (const check of checks) {
    const state = states.get(keyOf(check));
    if (state?.weight !== undefined) weight += state.weight - configured;
    if (state?.weightPercent !== undefined) weight += Math.ceil((configured * state.weightPercent) / 100) - configured;
    weight += state?.weightAdds ?? 0;
  }
  return Math.min(Math.max(weight, 0), greatestWeight);
}
