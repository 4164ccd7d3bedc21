import type { AddressFamily } from "ipvs-netlink";
import { addressBytes, addressText } from "../../net/address-text.ts";
import type { AdvertBytes, AuthenticationType, ChecksumStyle, ReceivedAdvert } from "./advert.ts";
import { AH_BYTES, isAuthenticationHeader } from "./authentication-header.ts";
import { isUndamaged, sumOf } from "./checksum.ts";
import {
  AUTH_AH,
  AUTH_NONE,
  AUTH_PASS,
  GROUP_INET,
  PASSWORD_BYTES,
  PROTOCOL_AH,
  PROTOCOL_VRRP,
  TYPE_ADVERTISEMENT,
  VRRP_HEADER_BYTES,
} from "./constants.ts";
import { isTrailer, TRAILER_BYTES } from "./hmac-trailer.ts";
import { DESTINATION, PROTOCOL, readIpv4Bounds, SOURCE, TTL } from "./ipv4-header.ts";
import { pseudoHeaderSum } from "./pseudo-header.ts";
import type { Rejection } from "./rejection.ts";

export type Decoded =
  | { readonly ok: true; readonly advert: ReceivedAdvert }
  | {
      readonly ok: false;
      readonly rejection: Rejection;
      /** As far as they can be read: whose counter this is, and whom to blame. */
      readonly virtualRouterId: number | null;
      readonly source: string | null;
    };

/** What the kernel says beside an IPv6 payload. Addresses are 16 octets. */
export interface Inet6Facts {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly hopLimit: number;
}

/** Octets of a packet: where, and from whom. */
interface Envelope {
  readonly family: AddressFamily;
  readonly buffer: Buffer;
  readonly start: number;
  readonly payload: number;
  readonly end: number;
  readonly authenticated: boolean;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly ttl: number;
}

/** Reads a packet as a raw IPv4 socket gives it: from the IP header on, protocol 112 or 51. Never throws. */
export function decodeIpv4(buffer: Buffer, start: number, end: number): Decoded {
  const bounds = readIpv4Bounds(buffer, start, end);
  if (bounds === null) return { ok: false, rejection: { kind: "ip-header" }, virtualRouterId: null, source: null };
  const protocol = buffer[start + PROTOCOL];
  const source = buffer.subarray(start + SOURCE, start + SOURCE + 4);
  if (protocol !== PROTOCOL_VRRP && protocol !== PROTOCOL_AH) {
    return { ok: false, rejection: { kind: "ip-header" }, virtualRouterId: null, source: textOf("inet", source) };
  }
  return decode({
    ...{ family: "inet", buffer, start, payload: bounds.payload, end: bounds.end, source },
    authenticated: protocol === PROTOCOL_AH,
    destination: buffer.subarray(start + DESTINATION, start + DESTINATION + 4),
    ttl: buffer[start + TTL] as number,
  });
}

/** Reads a packet as a raw IPv6 socket gives it: from the VRRP header on. Never throws. */
export function decodeIpv6(buffer: Buffer, start: number, end: number, facts: Inet6Facts): Decoded {
  const { source, destination, hopLimit } = facts;
  const place = { family: "inet6", buffer, start, payload: start, end, authenticated: false } as const;
  return decode({ ...place, source, destination, ttl: hopLimit });
}

function decode(envelope: Envelope): Decoded {
  const { family, buffer, payload, end, authenticated } = envelope;
  if (authenticated && (end - payload < AH_BYTES || !isAuthenticationHeader(buffer, payload))) {
    return refuse(envelope, null, { kind: "ah-header", problem: "malformed" });
  }
  const message = authenticated ? payload + AH_BYTES : payload;
  const octets = end - message;
  if (octets < VRRP_HEADER_BYTES) {
    return refuse(envelope, octets >= 2 ? message : null, { kind: "too-short", octets, wanted: VRRP_HEADER_BYTES });
  }
  const first = buffer[message] as number;
  const version = first >> 4;
  // There is no version 2 of VRRP for IPv6.
  if (version !== 3 && (version !== 2 || family === "inet6")) {
    return refuse(envelope, message, { kind: "version", got: version, wanted: null });
  }
  if ((first & 0x0f) !== TYPE_ADVERTISEMENT) return refuse(envelope, message, { kind: "type", got: first & 0x0f });

  const bytes = layout(envelope, message, version);
  if ("kind" in bytes) return refuse(envelope, message, bytes);
  const checksum = checksumStyle(envelope, bytes, version);
  if (checksum === null) return refuse(envelope, message, { kind: "checksum" });
  const authentication = version === 2 ? authenticationOf(envelope, message) : authenticated ? misplaced : "none";
  if (typeof authentication !== "string") return refuse(envelope, message, authentication);
  const virtualRouterId = buffer[message + 1] as number;
  if (virtualRouterId === 0) {
    return refuse(envelope, message, { kind: "virtual-router-id", got: 0, wanted: null });
  }
  const advertMs =
    version === 2 ? buffer.readUInt8(message + 5) * 1000 : (buffer.readUInt16BE(message + 4) & 0x0fff) * 10;
  if (advertMs === 0) return refuse(envelope, message, { kind: "advert-interval", gotMs: 0, wantedMs: null });
  return {
    ok: true,
    advert: {
      ...{ family, version, virtualRouterId, advertMs, checksum, authentication, bytes },
      priority: buffer[message + 2] as number,
      addresses: addressesOf(envelope, message),
      source: textOf(family, envelope.source),
      destination: textOf(family, envelope.destination),
      ttl: envelope.ttl,
      sourceOctets: envelope.source,
    },
  };
}

/** The parts, when the packet is as long as its message says: keepalived accepts nothing behind it either. */
function layout(
  { family, buffer, start, payload, end, authenticated }: Envelope,
  message: number,
  version: number,
): AdvertBytes | Rejection {
  const addresses = (buffer[message + 3] as number) * addressBytes(family);
  const wanted = VRRP_HEADER_BYTES + addresses + (version === 2 ? PASSWORD_BYTES : 0);
  const octets = end - message;
  if (octets < wanted) return { kind: "too-short", octets, wanted };
  const messageEnd = message + wanted;
  const signed = octets === wanted + TRAILER_BYTES && isTrailer(buffer, messageEnd);
  if (octets > wanted && !signed) return { kind: "too-long", octets, wanted };
  return {
    ...{ buffer, start, message, messageEnd, end },
    authenticationHeader: authenticated ? payload : null,
    trailer: signed ? messageEnd : null,
  };
}

function checksumStyle(
  { family, buffer, source, destination }: Envelope,
  bytes: AdvertBytes,
  version: number,
): ChecksumStyle | null {
  const { message, messageEnd, end } = bytes;
  // The kernel checksums what it sends over IPv6: the trailer too.
  const covered = family === "inet" ? messageEnd : end;
  const sum = sumOf(buffer, message, covered);
  const length = covered - message;
  if (version === 2) return isUndamaged(sum) ? "message" : null;
  if (isUndamaged(sum + pseudoHeaderSum(source, destination, PROTOCOL_VRRP, length))) return "pseudo-header";
  if (family === "inet6") return null;
  if (isUndamaged(sum)) return "message";
  return isUndamaged(sum + pseudoHeaderSum(source, oldGroup, PROTOCOL_VRRP, length)) ? "old-unicast" : null;
}

const oldGroup = Uint8Array.from(GROUP_INET.split("."), Number);

const misplaced = { kind: "ah-header", problem: "unexpected" } as const;

function authenticationOf({ buffer, authenticated }: Envelope, message: number): AuthenticationType | Rejection {
  const type = buffer[message + 4] as number;
  if (type !== AUTH_NONE && type !== AUTH_PASS && type !== AUTH_AH) return { kind: "auth-type-invalid", got: type };
  if (authenticated !== (type === AUTH_AH))
    return authenticated ? misplaced : { kind: "ah-header", problem: "missing" };
  return type === AUTH_NONE ? "none" : type === AUTH_PASS ? "PASS" : "AH";
}

function addressesOf({ family, buffer }: Envelope, message: number): string[] {
  const addresses: string[] = [];
  const count = buffer[message + 3] as number;
  const bytes = addressBytes(family);
  for (let nth = 0; nth < count; nth++) {
    addresses.push(addressText(buffer, message + VRRP_HEADER_BYTES + nth * bytes, family));
  }
  return addresses;
}

function refuse({ family, buffer, source }: Envelope, message: number | null, rejection: Rejection): Decoded {
  const virtualRouterId = message === null ? null : (buffer[message + 1] as number);
  return { ok: false, rejection, virtualRouterId, source: textOf(family, source) };
}

function textOf(family: AddressFamily, octets: Uint8Array): string {
  return addressText(octets, 0, family);
}
