import { ControlError } from "../../control/api.ts";

/** The running program stays in charge, and all is as it was. */
export function upgradeFailed(why: string): ControlError {
  return new ControlError("upgrade-failed", why, "The lbctl that runs goes on as if nothing had happened.");
}

/** Nothing is changed here any more. `successorPid`: the process that is the director now. */
export function isStopping(successorPid: number | null): ControlError {
  const hint = successorPid === null ? "Start it again." : `Process ${successorPid} has taken over: ask again.`;
  return new ControlError("stopping", "lbctl is stopping", hint);
}
