import { constants } from "node:os";
import { errnoName, type Native } from "ipvs-netlink";
import type { ConnectOptions } from "../check.ts";
import { AF_INET, AF_INET6, anyAddressLike, socketAddress } from "../socket-address.ts";
import type { Reason } from "../verdict.ts";

// linux/socket.h, asm-generic/socket.h
const SOCK_NONBLOCK = 0o4000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_BINDTODEVICE = 25;
const SO_MARK = 36;

type Call = Extract<Reason, { kind: "local" }>["call"];

/** A system call failed: which, and how. */
export class CallFailed extends Error {
  readonly errno: string;
  readonly call: Call;

  constructor(negativeErrno: number, call: Call) {
    const errno = errnoName(-negativeErrno);
    super(`${call} ${errno}`);
    this.errno = errno;
    this.call = call;
  }
}

/** The result of a call of the addon, or an exception. */
export function check(result: number, call: Call): number {
  if (result < 0) throw new CallFailed(result, call);
  return result;
}

/** A socket with all that the options ask for whose connect is done, or under way. `port` may differ from that of the options. */
export function openSocket(
  sockets: Native,
  { address, port, bindto, bindPort, bindIf, fwmark }: ConnectOptions,
  kind: { readonly type: number; readonly protocol: number },
): number {
  const family = address.includes(":") ? AF_INET6 : AF_INET;
  const fd = check(sockets.socket(family, kind.type | SOCK_NONBLOCK, kind.protocol), "socket");
  try {
    if (fwmark !== null) check(sockets.setsockopt(fd, SOL_SOCKET, SO_MARK, uint32(fwmark)), "setsockopt");
    if (bindIf !== null) check(sockets.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, cString(bindIf)), "setsockopt");
    if (bindto !== null || bindPort !== null) {
      check(sockets.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, uint32(1)), "setsockopt");
      check(sockets.bind(fd, addressFor("bind", bindto ?? anyAddressLike(address), bindPort ?? 0)), "bind");
    }
    const started = sockets.connect(fd, addressFor("connect", address, port));
    if (started !== -constants.errno.EINPROGRESS) check(started, "connect");
    return fd;
  } catch (error) {
    sockets.close(fd);
    throw error;
  }
}

function addressFor(call: "bind" | "connect", address: string, port: number): Uint8Array {
  const bytes = socketAddress(address, port);
  if (bytes === null) throw new CallFailed(-constants.errno.EINVAL, call);
  return bytes;
}

/** In the machine's byte order. */
export function uint32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}
