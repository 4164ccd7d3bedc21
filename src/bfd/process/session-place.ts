import type { BfdInstance } from "../../config/bfd-model.ts";
import { PORT_MULTIHOP, PORT_SINGLE_HOP } from "../packet/control-packet.ts";
import { endpointKey, type ReceiveEndpoint } from "./receive-endpoint.ts";

/** Where packets of a session go, and come in. */
export function portOf({ multihop }: Pick<BfdInstance, "multihop">): number {
  return multihop ? PORT_MULTIHOP : PORT_SINGLE_HOP;
}

/** The same session as before a reload: it goes on, whatever else is set otherwise. */
export function sameSession(one: BfdInstance, other: BfdInstance): boolean {
  return (
    one.name === other.name &&
    one.neighbor === other.neighbor &&
    one.source === other.source &&
    one.multihop === other.multihop
  );
}

/** Where packets come in for any of them, by key. */
export function endpointsOf(instances: readonly BfdInstance[]): Map<string, ReceiveEndpoint> {
  const endpoints = instances.map((instance) => ({ family: instance.family, port: portOf(instance) }));
  return new Map(endpoints.map((endpoint) => [endpointKey(endpoint), endpoint]));
}
