import type { Check, CheckState } from "@lbctl/checkers";
import { keyOf } from "./check-key.ts";

/** The kernel keeps weights as a signed number of 32 bits (struct ip_vs_dest_user). */
const greatestWeight = 0x7fff_ffff;

/**
 * The configured weight and what the checks say of it: each that names a weight adds how far that is from the configured one, so
 * that a single one sets it (keepalived.conf(5), MISC_CHECK). Only what each said last counts, in whatever order they said it.
 */
export function dynamicWeight(
  configured: number,
  checks: readonly Check[],
  states: ReadonlyMap<string, CheckState>,
): number {
  let weight = configured;
  for (const check of checks) {
    const said = states.get(keyOf(check))?.weight;
    if (said !== undefined) weight += said - configured;
  }
  return Math.min(Math.max(weight, 0), greatestWeight);
}
