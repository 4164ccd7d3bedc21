import { type CheckEntry, type CheckState, isProbed, isTracked } from "@lbctl/checkers";
import type { Model } from "../../config/model.ts";
import { keyOf } from "../../director/check-key.ts";
import type { TrackedEntry } from "./tracked-checks.ts";

/** The checks of a model with what is known of them: those that are probed, unless their virtual server waits, and those that are told. */
export function checkEntries(
  model: Model,
  seeds: ReadonlyMap<string, CheckState>,
  isProbedNow: (virtualServer: string) => boolean = () => true,
): { readonly probed: CheckEntry[]; readonly tracked: TrackedEntry[] } {
  const probed: CheckEntry[] = [];
  const tracked: TrackedEntry[] = [];
  for (const { name, realServers } of model.virtualServers) {
    const isActive = isProbedNow(name);
    for (const { checks } of realServers) {
      for (const check of checks) {
        const key = keyOf(check);
        const seed = seeds.get(key);
        const known = seed === undefined ? {} : { seed };
        if (isTracked(check)) tracked.push({ key, check, ...known });
        else if (isActive && isProbed(check)) probed.push({ key, check, ...known });
      }
    }
  }
  return { probed, tracked };
}
