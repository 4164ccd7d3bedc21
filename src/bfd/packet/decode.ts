import {
  AUTHENTICATED_BYTES,
  CONTROL_BYTES,
  type ControlPacket,
  FLAG_AUTHENTICATION,
  FLAG_CONTROL_PLANE_INDEPENDENT,
  FLAG_DEMAND,
  FLAG_FINAL,
  FLAG_MULTIPOINT,
  FLAG_POLL,
  type SessionState,
  sessionStates,
  VERSION,
} from "./control-packet.ts";
import type { Rejection } from "./rejection.ts";

export type Decoded =
  | { readonly ok: true; readonly packet: ControlPacket }
  | { readonly ok: false; readonly rejection: Rejection };

/**
 * Reads a control packet and applies those rules of RFC 5880 section 6.8.6 that need no session, in their order. Octets behind the
 * packet's own length are not looked at.
 */
export function decodeControlPacket(data: Buffer, start: number, end: number): Decoded {
  const octets = end - start;
  if (octets < CONTROL_BYTES) return rejected({ kind: "too_short", octets, wanted: CONTROL_BYTES });
  const first = data[start] as number;
  const version = first >> 5;
  if (version !== VERSION) return rejected({ kind: "version", got: version });
  const flags = data[start + 1] as number;
  const length = data[start + 3] as number;
  const wanted = (flags & FLAG_AUTHENTICATION) === 0 ? CONTROL_BYTES : AUTHENTICATED_BYTES;
  if (length < wanted) return rejected({ kind: "length_field", length, wanted });
  if (length > octets) return rejected({ kind: "too_short", octets, wanted: length });
  const multiplier = data[start + 2] as number;
  if (multiplier === 0) return rejected({ kind: "no_multiplier" });
  if ((flags & FLAG_MULTIPOINT) !== 0) return rejected({ kind: "multipoint" });
  const myDiscriminator = data.readUInt32BE(start + 4);
  if (myDiscriminator === 0) return rejected({ kind: "no_discriminator" });
  const yourDiscriminator = data.readUInt32BE(start + 8);
  const state = sessionStates[flags >> 6] as SessionState;
  if (yourDiscriminator === 0 && (state === "init" || state === "up")) {
    return rejected({ kind: "addressed_to_nobody", state });
  }
  if ((flags & FLAG_AUTHENTICATION) !== 0) return rejected({ kind: "authenticated" });
  return {
    ok: true,
    packet: {
      diagnostic: first & 0x1f,
      state,
      poll: (flags & FLAG_POLL) !== 0,
      final: (flags & FLAG_FINAL) !== 0,
      controlPlaneIndependent: (flags & FLAG_CONTROL_PLANE_INDEPENDENT) !== 0,
      demand: (flags & FLAG_DEMAND) !== 0,
      multiplier,
      myDiscriminator,
      yourDiscriminator,
      desiredMinTxUs: data.readUInt32BE(start + 12),
      requiredMinRxUs: data.readUInt32BE(start + 16),
      requiredMinEchoRxUs: data.readUInt32BE(start + 20),
    },
  };
}

function rejected(rejection: Rejection): Decoded {
  return { ok: false, rejection };
}
