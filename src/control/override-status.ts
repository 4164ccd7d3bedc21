import { nextAfter, type OperatorOverride } from "../operator/overrides.ts";
import type { NextStatus, OverrideStatus } from "./status-document.ts";

/** One of `overrides` as the API shows it, at `place`, where it counts. */
export function overrideStatus(
  override: OperatorOverride,
  overrides: readonly OperatorOverride[],
  place: Pick<OperatorOverride, "virtualServer" | "realServer"> = override,
): OverrideStatus {
  const next = override.expiresAtEpochMs === null ? null : nextAfter(overrides, override, place);
  return {
    real_server: override.realServer,
    virtual_server: override.virtualServer,
    ...saidOf(override),
    next: next === null ? null : saidOf(next),
  };
}

/** "drained", "weight 5". */
export function overrideText({ admin_state, weight }: Pick<NextStatus, "admin_state" | "weight">): string {
  return admin_state ?? `weight ${weight}`;
}

function saidOf({ setting, setBy, setAtEpochMs, expiresAtEpochMs }: OperatorOverride): NextStatus {
  return {
    admin_state: setting.kind === "admin_state" ? setting.adminState : null,
    weight: setting.kind === "weight" ? setting.weight : null,
    set_by: setBy,
    set_at: new Date(setAtEpochMs).toISOString(),
    expires_at: expiresAtEpochMs === null ? null : new Date(expiresAtEpochMs).toISOString(),
  };
}
