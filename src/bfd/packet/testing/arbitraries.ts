import fc from "fast-check";
import { type ControlPacket, sessionStates } from "../control-packet.ts";

const uint32 = (min = 0) => fc.integer({ min, max: 0xffff_ffff });

/** Any control packet that decoding accepts. */
export const controlPackets = (): fc.Arbitrary<ControlPacket> =>
  fc
    .record({
      diagnostic: fc.integer({ min: 0, max: 31 }),
      state: fc.constantFrom(...sessionStates),
      poll: fc.boolean(),
      final: fc.boolean(),
      controlPlaneIndependent: fc.boolean(),
      demand: fc.boolean(),
      multiplier: fc.integer({ min: 1, max: 255 }),
      myDiscriminator: uint32(1),
      yourDiscriminator: fc.oneof(fc.constant(0), uint32()),
      desiredMinTxUs: uint32(),
      requiredMinRxUs: uint32(),
      requiredMinEchoRxUs: uint32(),
    })
    .filter(({ yourDiscriminator, state }) => yourDiscriminator !== 0 || state === "down" || state === "admin_down");
