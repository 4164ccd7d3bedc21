import { constants } from "node:os";
import { errnoName, type Native, native, parseAddress } from "ipvs-netlink";
import type { ConnectOptions } from "../check.ts";
import type { NativeConnect, NativeConnectOutcome } from "./connect.ts";

// linux/socket.h, asm-generic/socket.h, linux/net.h
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_ERROR = 4;
const SO_BINDTODEVICE = 25;
const SO_MARK = 36;
const WRITABLE = 2;

/** Fails with the call that was under way. */
class CallFailed extends Error {
  readonly outcome: NativeConnectOutcome & { ok: false };

  constructor(negativeErrno: number, call: CallFailed["outcome"]["call"]) {
    super(`${call} ${errnoName(-negativeErrno)}`);
    this.outcome = { ok: false, errno: errnoName(-negativeErrno), call };
  }
}

/** Connects with SO_BINDTODEVICE and SO_MARK through the addon of ipvs-netlink, which is loaded when first needed. */
export const connectNatively: NativeConnect = (options, done) => {
  let pending: { readonly sockets: Native; readonly fd: number } | null = null;
  try {
    const sockets = native();
    const fd = open(sockets, options);
    pending = { sockets, fd };
    check(
      sockets.watch(fd, WRITABLE, () => {
        pending = null;
        done(conclude(sockets, fd));
      }),
      "connect",
    );
    return close;
  } catch (error) {
    close();
    // Without the addon there are no such sockets here.
    const outcome = error instanceof CallFailed ? error.outcome : addonMissing;
    const immediate = setImmediate(done, outcome);
    return () => clearImmediate(immediate);
  }

  function close(): void {
    pending?.sockets.close(pending.fd);
    pending = null;
  }
};

const addonMissing: NativeConnectOutcome = { ok: false, errno: "ENOSYS", call: "socket" };

/** A socket whose connect is under way. */
function open(sockets: Native, { address, port, bindto, bindPort, bindIf, fwmark }: ConnectOptions): number {
  const family = address.includes(":") ? AF_INET6 : AF_INET;
  const fd = check(sockets.socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
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

/** The socket became writable or failed: SO_ERROR tells which (connect(2)). */
function conclude(sockets: Native, fd: number): NativeConnectOutcome {
  const value = new Uint8Array(4);
  const failure = sockets.getsockopt(fd, SOL_SOCKET, SO_ERROR, value);
  const errno = failure < 0 ? -failure : (new Uint32Array(value.buffer)[0] as number);
  if (errno !== 0) {
    sockets.close(fd);
    return { ok: false, errno: errnoName(errno), call: "connect" };
  }
  sockets.unwatch(fd);
  sockets.detach(fd);
  return { ok: true, fd };
}

function check(result: number, call: CallFailed["outcome"]["call"]): number {
  if (result < 0) throw new CallFailed(result, call);
  return result;
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
function uint32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}
