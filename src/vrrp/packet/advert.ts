import type { AddressFamily } from "ipvs-netlink";

/**
 * What a VRRP checksum covers: the message alone (version 2; version 3 over IPv4 by RFC 9568 section 5.2.8), a pseudo
 * header too (IPv6; keepalived's version 3 over IPv4), or one with the multicast group in place of the unicast destination
 * (keepalived 1.3.6 and earlier).
 */
export type ChecksumStyle = "message" | "pseudo-header" | "old-unicast";

/** Version 2 only (RFC 2338 section 5.3.6). */
export type AuthenticationType = "none" | "PASS" | "AH";

export interface Password {
  readonly type: "PASS" | "AH";
  /** Eight octets, as of `passwordOctets`. */
  readonly password: Buffer;
}

/** All that an advert says, but for what changes from one to the next. */
export interface AdvertSettings {
  readonly family: AddressFamily;
  readonly version: 2 | 3;
  readonly virtualRouterId: number;
  /** Whole seconds below 256 s in version 2, hundredths below 40.96 s in version 3. */
  readonly advertMs: number;
  /** Of that family, at most 255. */
  readonly addresses: readonly string[];
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  /** Version 3 over IPv4; the others have only one. */
  readonly checksum: ChecksumStyle;
  /** Version 2. */
  readonly authentication: Password | null;
  /** Leaves room for an HMAC trailer. */
  readonly signed: boolean;
}

/** Where the parts of an advert lie in its buffer. Over IPv6 there is no IP header: `start` is `message`. */
export interface AdvertBytes {
  readonly buffer: Buffer;
  readonly start: number;
  readonly authenticationHeader: number | null;
  readonly message: number;
  readonly messageEnd: number;
  readonly trailer: number | null;
  readonly end: number;
}

/** An advert as it came: whole, undamaged, and not yet judged. */
export interface ReceivedAdvert {
  readonly family: AddressFamily;
  readonly version: 2 | 3;
  readonly virtualRouterId: number;
  /** 0: the sender stops being master. */
  readonly priority: number;
  readonly advertMs: number;
  readonly addresses: readonly string[];
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  readonly checksum: ChecksumStyle;
  readonly authentication: AuthenticationType;
  /** Valid until the buffer is used again. */
  readonly bytes: AdvertBytes;
  /** 4 or 16 octets; valid as long. */
  readonly sourceOctets: Uint8Array;
}
