import type { VrrpGlobals } from "../../config/vrrp-model.ts";

/** What is left of vrrp_startup_delay and vrrp_delay_after_boot. */
export function startupDelayMs(
  globals: Pick<VrrpGlobals, "startupDelayMs" | "delayAfterBootMs">,
  sinceStartMs: number,
  sinceBootMs: number,
): number {
  return Math.max(0, globals.startupDelayMs - sinceStartMs, globals.delayAfterBootMs - sinceBootMs);
}
