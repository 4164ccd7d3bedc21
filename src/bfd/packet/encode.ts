import {
  CONTROL_BYTES,
  type ControlPacket,
  FLAG_CONTROL_PLANE_INDEPENDENT,
  FLAG_DEMAND,
  FLAG_FINAL,
  FLAG_POLL,
  sessionStates,
  VERSION,
} from "./control-packet.ts";

/** Writes the packet to `target`, 24 octets from its start (RFC 5880 section 4.1). */
export function encodeControlPacket(packet: ControlPacket, target: Buffer): void {
  target[0] = (VERSION << 5) | packet.diagnostic;
  target[1] =
    (sessionStates.indexOf(packet.state) << 6) |
    (packet.poll ? FLAG_POLL : 0) |
    (packet.final ? FLAG_FINAL : 0) |
    (packet.controlPlaneIndependent ? FLAG_CONTROL_PLANE_INDEPENDENT : 0) |
    (packet.demand ? FLAG_DEMAND : 0);
  target[2] = packet.multiplier;
  target[3] = CONTROL_BYTES;
  target.writeUInt32BE(packet.myDiscriminator, 4);
  target.writeUInt32BE(packet.yourDiscriminator, 8);
  target.writeUInt32BE(packet.desiredMinTxUs, 12);
  target.writeUInt32BE(packet.requiredMinRxUs, 16);
  target.writeUInt32BE(packet.requiredMinEchoRxUs, 20);
}
