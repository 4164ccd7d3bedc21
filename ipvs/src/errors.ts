import { constants } from "node:os";

/**
 * Everything that can go wrong here.
 * - `addon-not-built`: the native addon is missing or does not load.
 * - `system-call`: a socket call failed (see `errno`).
 * - `rejected`: the kernel answered a request with an error (see `errno`).
 * - `family-absent`: the generic netlink family is not registered, usually because its module is not loaded.
 * - `dump-interrupted`: the kernel's table changed while it was listed, in every attempt.
 * - `overrun`: the receive buffer was full and answers were lost; what was asked must be read again.
 * - `truncated`: a datagram was longer than the buffer for it.
 * - `malformed`: octets that are no netlink message, or a message without what it must carry.
 * - `invalid`: the request cannot be expressed (address, port, name, range).
 * - `closed`: the client was closed.
 */
export type NetlinkErrorCode =
  | "addon-not-built"
  | "system-call"
  | "rejected"
  | "family-absent"
  | "dump-interrupted"
  | "overrun"
  | "truncated"
  | "malformed"
  | "invalid"
  | "closed";

/** A failed netlink exchange. `errno` is the symbolic name ("EPERM") where the system gave one. */
export class NetlinkError extends Error {
  override readonly name: string = "NetlinkError";
  readonly code: NetlinkErrorCode;
  readonly errno: string | null;

  constructor(code: NetlinkErrorCode, message: string, errno: string | null = null) {
    super(message);
    this.code = code;
    this.errno = errno;
  }
}

/** A failed request: which operation on which object. */
export class RequestError extends NetlinkError {
  override readonly name: string = "RequestError";
  readonly operation: string;
  readonly object: string;

  constructor(
    code: NetlinkErrorCode,
    failure: { operation: string; object: string; errno: string | null },
    message: string,
  ) {
    super(code, message, failure.errno);
    this.operation = failure.operation;
    this.object = failure.object;
  }
}

/** A failed IPVS request. */
export class IpvsError extends RequestError {
  override readonly name = "IpvsError";
}

/** A failed request about a link, address, route or rule. */
export class RtnetlinkError extends RequestError {
  override readonly name = "RtnetlinkError";
}

const errnoNames = new Map<number, string>();
for (const [name, value] of Object.entries(constants.errno)) {
  if (!errnoNames.has(value)) errnoNames.set(value, name);
}

/** Symbolic name of a positive errno number. */
export function errnoName(errno: number): string {
  return errnoNames.get(errno) ?? `errno ${errno}`;
}
