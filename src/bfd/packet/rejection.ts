import { PORT_MULTIHOP, type SessionState } from "./control-packet.ts";

/** Why a packet does not count. Closed: every member has a sentence in `describeRejection`. */
export type Rejection =
  // RFC 5880 section 6.8.6.
  | { readonly kind: "too_short"; readonly octets: number; readonly wanted: number }
  | { readonly kind: "version"; readonly got: number }
  | { readonly kind: "length_field"; readonly length: number; readonly wanted: number }
  | { readonly kind: "no_multiplier" }
  | { readonly kind: "multipoint" }
  | { readonly kind: "no_discriminator" }
  | { readonly kind: "unknown_discriminator"; readonly yourDiscriminator: number }
  | { readonly kind: "addressed_to_nobody"; readonly state: SessionState }
  | { readonly kind: "authenticated" }
  | { readonly kind: "admin_down" }
  /** RFC 5881 section 5, as max_hops loosens it. */
  | { readonly kind: "hops"; readonly ttl: number; readonly least: number }
  | { readonly kind: "unknown_neighbor"; readonly source: string }
  /** Port 4784 is for sessions over several hops, 3784 for the others. */
  | { readonly kind: "other_port"; readonly port: number }
  /** It was sent to an address of ours that is not the session's source_ip. */
  | { readonly kind: "other_destination"; readonly destination: string; readonly wanted: string };

/** Why a packet does not count: a sentence without its subject. */
export function describeRejection(rejection: Rejection): string {
  switch (rejection.kind) {
    case "too_short":
      return `${rejection.octets} octets, at least ${rejection.wanted} are needed`;
    case "version":
      return `BFD version ${rejection.got}, not 1`;
    case "length_field":
      return `it says that it has ${rejection.length} octets, at least ${rejection.wanted} are needed`;
    case "no_multiplier":
      return "detection multiplier 0";
    case "multipoint":
      return "the multipoint bit is set";
    case "no_discriminator":
      return "its own discriminator is 0";
    case "unknown_discriminator":
      return `your discriminator ${hex(rejection.yourDiscriminator)} is no session of ours; the neighbour has to notice that we started again`;
    case "addressed_to_nobody":
      return `state ${rejection.state} with your discriminator 0`;
    case "authenticated":
      return "it is authenticated, and authentication is not in use here";
    case "admin_down":
      return "the session is administratively down";
    case "hops":
      return `TTL or hop limit ${rejection.ttl}, at least ${rejection.least} is wanted: it came over more hops than max_hops, or the neighbour sends with a lower one`;
    case "unknown_neighbor":
      return `${rejection.source} is no neighbor_ip of a bfd_instance`;
    case "other_port":
      return rejection.port === PORT_MULTIHOP
        ? `it came to port ${rejection.port}, that of sessions over several hops: add multihop`
        : `it came to port ${rejection.port}, and the session is a multihop one`;
    case "other_destination":
      return `it was sent to ${rejection.destination}, and source_ip is ${rejection.wanted}`;
  }
}

function hex(discriminator: number): string {
  return `0x${discriminator.toString(16).padStart(8, "0")}`;
}
