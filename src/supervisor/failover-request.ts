import { ControlError } from "../control/api.ts";

/** The instance that a request is about. @throws ControlError `bad-request` */
export function instanceName(request: unknown): string {
  const instance = (request as { instance?: unknown } | null)?.instance;
  if (typeof instance === "string") return instance;
  throw new ControlError("bad-request", '"instance" is missing', "Name a vrrp_instance.");
}
