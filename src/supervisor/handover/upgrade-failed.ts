import { ControlError } from "../../control/api.ts";

/** The running program stays in charge, and all is as it was. */
export function upgradeFailed(why: string): ControlError {
  return new ControlError("upgrade-failed", why, "The lbctl that runs goes on as if nothing had happened.");
}
