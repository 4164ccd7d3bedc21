/** State (Sta) of RFC 5880 section 4.1, by its number on the wire. */
export const sessionStates = ["admin_down", "down", "init", "up"] as const;
export type SessionState = (typeof sessionStates)[number];

/** Diagnostic (Diag) of RFC 5880 section 4.1, by its number on the wire. */
export const diagnostics = [
  "none",
  "detection_time_expired",
  "echo_failed",
  "neighbor_signaled_down",
  "forwarding_reset",
  "path_down",
  "concatenated_path_down",
  "admin_down",
  "reverse_concatenated_path_down",
] as const;
export type KnownDiagnostic = (typeof diagnostics)[number];

/** A BFD control packet as RFC 5880 section 4.1 has it, without the authentication section: nobody here signs. */
export interface ControlPacket {
  /** 0 to 31; `diagnostics` has those that are known. */
  readonly diagnostic: number;
  readonly state: SessionState;
  readonly poll: boolean;
  readonly final: boolean;
  /** The neighbour's forwarding does not share the fate of its control plane. */
  readonly controlPlaneIndependent: boolean;
  /** The neighbour wants no periodic packets while both are up (section 6.6). */
  readonly demand: boolean;
  /** Detection multiplier, 1 to 255. */
  readonly multiplier: number;
  /** Never 0. */
  readonly myDiscriminator: number;
  /** 0: not known yet. */
  readonly yourDiscriminator: number;
  readonly desiredMinTxUs: number;
  /** 0: wants no periodic packets at all. */
  readonly requiredMinRxUs: number;
  /** 0: echo packets are not answered. */
  readonly requiredMinEchoRxUs: number;
}

export const VERSION = 1;
/** Without an authentication section. */
export const CONTROL_BYTES = 24;
/** The least with one: type and length of it. */
export const AUTHENTICATED_BYTES = 26;

/** UDP ports (RFC 5881 section 4, RFC 5883 section 5). */
export const PORT_SINGLE_HOP = 3784;
export const PORT_MULTIHOP = 4784;

/** Source ports are from this range (RFC 5881 section 4). */
export const SOURCE_PORTS = { first: 49_152, last: 65_535 } as const;

export const FLAG_POLL = 0x20;
export const FLAG_FINAL = 0x10;
export const FLAG_CONTROL_PLANE_INDEPENDENT = 0x08;
export const FLAG_AUTHENTICATION = 0x04;
export const FLAG_DEMAND = 0x02;
export const FLAG_MULTIPOINT = 0x01;
