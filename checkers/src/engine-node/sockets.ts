import { constants } from "node:os";
import { errnoName, type Native, parseAddress } from "ipvs-netlink";
import type { ConnectOptions } from "../check.ts";
import type { Reason } from "../verdict.ts";

// linux/socket.h, asm-generic/socket.h
const AF_INET = 2;
const AF_INET6 = 10;
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
      const any = family === AF_INET6 ? "::" : "0.0.0.0";
      check(sockets.bind(fd, socketAddress(bindto ?? any, bindPort ?? 0, "bind")), "bind");
    }
    const started = sockets.connect(fd, socketAddress(address, port, "connect"));
    if (started !== -constants.errno.EINPROGRESS) check(started, "connect");
    return fd;
  } catch (error) {
    sockets.close(fd);
    throw error;
  }
}

/** struct sockaddr_in, struct sockaddr_in6; a link-local address takes its scope from SO_BINDTODEVICE. */
function socketAddress(address: string, port: number, call: "bind" | "connect"): Uint8Array {
  const octets = parseAddress(address);
  if (!octets) throw new CallFailed(-constants.errno.EINVAL, call);
  const inet6 = address.includes(":");
  const bytes = new Uint8Array(inet6 ? 28 : 16);
  new Uint16Array(bytes.buffer, 0, 1)[0] = inet6 ? AF_INET6 : AF_INET;
  new DataView(bytes.buffer).setUint16(2, port);
  if (inet6) bytes.set(octets, 8);
  else bytes.set(octets.subarray(0, 4), 4);
  return bytes;
}

/** In the machine's byte order. */
export function uint32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}
