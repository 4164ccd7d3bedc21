import type { BfdInstance } from "../../config/bfd-model.ts";
import type { Session } from "../machine/session.ts";
import type { ControlPacket } from "../packet/control-packet.ts";
import type { Rejection } from "../packet/rejection.ts";
import type { Arrival } from "./receive-endpoint.ts";
import { portOf } from "./session-place.ts";

/** A session that packets may be for. */
export interface Receiver {
  readonly instance: BfdInstance;
  readonly session: Pick<Session, "discriminator">;
}

export interface Received<R extends Receiver> {
  /** Null: it is for no session here. */
  readonly to: R | null;
  readonly verdict:
    | { readonly ok: true; readonly packet: ControlPacket }
    | { readonly ok: false; readonly rejection: Rejection };
}

/**
 * Which session a packet is for, and whether it counts there (RFC 5880 section 6.8.6, RFC 5881 sections 3 and 5). A session is found by
 * the neighbour's address, which is unique, and must then be the one that the packet names. Pure.
 */
export function receive<R extends Receiver>(
  receivers: readonly R[],
  { endpoint, source, destination, ttl, decoded }: Arrival,
): Received<R> {
  const to = receivers.find(({ instance }) => instance.neighbor === source) ?? null;
  const reject = (rejection: Rejection): Received<R> => ({ to, verdict: { ok: false, rejection } });
  if (to === null) return reject({ kind: "unknown_neighbor", source });
  const { instance, session } = to;
  if (portOf(instance) !== endpoint.port) return reject({ kind: "other_port", port: endpoint.port });
  if (instance.source !== null && destination !== instance.source) {
    return reject({ kind: "other_destination", destination, wanted: instance.source });
  }
  if (ttl < instance.leastTtl) return reject({ kind: "hops", ttl, least: instance.leastTtl });
  if (!decoded.ok) return reject(decoded.rejection);
  const { packet } = decoded;
  const { yourDiscriminator } = packet;
  if (yourDiscriminator !== 0 && yourDiscriminator !== session.discriminator) {
    return reject({ kind: "unknown_discriminator", yourDiscriminator });
  }
  return { to, verdict: { ok: true, packet } };
}
