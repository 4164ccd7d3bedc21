import { ControlError } from "../../control/api.ts";
import type { Phase } from "../../vrrp/machine/phase.ts";

/** Whether a failover was begun, from the phase after it. @throws ControlError `not-found`, `conflict` */
export function checkLeaving(instance: string, phase: Phase | null): void {
  if (phase === "leaving") return;
  const where = '"lbctl status" shows who is master.';
  if (phase === null)
    throw new ControlError("not-found", `there is no vrrp_instance ${instance}`, '"lbctl status" lists them.');
  if (phase !== "master")
    throw new ControlError(
      "conflict",
      `${instance} is not master here, it is ${phase === "fault" ? "in fault" : phase}`,
      where,
    );
  const hint = "Stop this lbctl, or give the instance a priority below 255.";
  throw new ControlError(
    "conflict",
    `${instance} has priority 255: it owns its addresses, and resigns to nobody`,
    hint,
  );
}
