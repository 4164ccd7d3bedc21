import type { ControlPacket } from "../../packet/control-packet.ts";
import type { SessionSettings } from "../session.ts";

/** keepalived's defaults. */
export function settings(some: Partial<SessionSettings> = {}): SessionSettings {
  return { minTxUs: 10_000, minRxUs: 10_000, idleTxUs: 1_000_000, multiplier: 5, passive: false, ...some };
}

/** A packet of a neighbour with keepalived's defaults that is down and knows nobody. */
export function packet(some: Partial<ControlPacket> = {}): ControlPacket {
  return {
    diagnostic: 0,
    state: "down",
    poll: false,
    final: false,
    controlPlaneIndependent: false,
    demand: false,
    multiplier: 5,
    myDiscriminator: 77,
    yourDiscriminator: 0,
    desiredMinTxUs: 1_000_000,
    requiredMinRxUs: 10_000,
    requiredMinEchoRxUs: 0,
    ...some,
  };
}
