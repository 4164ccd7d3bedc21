import type { OperatorOverride } from "../operator/overrides.ts";
import type { OverrideStatus } from "./status-document.ts";

/** An override as the API shows it. */
export function overrideStatus(override: OperatorOverride): OverrideStatus {
  const { setting, expiresAtEpochMs } = override;
  return {
    real_server: override.realServer,
    virtual_server: override.virtualServer,
    admin_state: setting.kind === "admin_state" ? setting.adminState : null,
    weight: setting.kind === "weight" ? setting.weight : null,
    set_by: override.setBy,
    set_at: new Date(override.setAtEpochMs).toISOString(),
    expires_at: expiresAtEpochMs === null ? null : new Date(expiresAtEpochMs).toISOString(),
  };
}
