import type { Check } from "@lbctl/checkers";
import { endpointText } from "ipvs-netlink";
import type { Model } from "../../config/model.ts";
import { type ChecksResult, ControlError } from "../../control/api.ts";

/**
 * The checks of these real servers, of one virtual server or of all (null). Whoever may ask for them need not know the passwords
 * of keys: those stay here. @throws ControlError `not-found` when there are none
 */
export function checksOf(
  { virtualServers, globalDefs }: Model,
  virtualServer: string | null,
  realServers: readonly string[],
): ChecksResult {
  const checks = virtualServers
    .filter(({ name }) => virtualServer === null || name === virtualServer)
    .flatMap((server) => server.realServers.map((realServer) => ({ name: server.name, realServer })))
    .map(({ name, realServer }) => ({ name, text: endpointText(realServer.destination), checks: realServer.checks }))
    .filter(({ text }) => realServers.includes(text))
    .flatMap(({ name, text, checks }) =>
      checks.map((check) => ({ virtual_server: name, real_server: text, check: withoutPassword(check) })),
    );
  if (checks.length === 0) {
    throw new ControlError("not-found", `${realServers.join(", ")} has no checks`, "It counts as up without any.");
  }
  const { scriptUser, scriptSecurity } = globalDefs.notify;
  return { checks, script_user: scriptUser, script_security: scriptSecurity };
}

function withoutPassword(check: Check): Readonly<Record<string, unknown>> {
  const { spec } = check;
  if ((spec.type !== "SSL_GET" && spec.type !== "GRPC_CHECK") || spec.tls === null) return { ...check };
  return { ...check, spec: { ...spec, tls: { ...spec.tls, password: null } } };
}
