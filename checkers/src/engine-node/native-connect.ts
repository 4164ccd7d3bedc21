import { errnoName, type Native, native } from "ipvs-netlink";
import type { NativeConnect, NativeConnectOutcome } from "./connect.ts";
import { CallFailed, check, openSocket } from "./sockets.ts";

// linux/socket.h, asm-generic/socket.h, linux/net.h
const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const WRITABLE = 2;

/** Connects with SO_BINDTODEVICE and SO_MARK through the addon of ipvs-netlink, which is loaded when first needed. */
export const connectNatively: NativeConnect = (options, done) => {
  let pending: { readonly sockets: Native; readonly fd: number } | null = null;
  try {
    const sockets = native();
    const fd = openSocket(sockets, options, { type: SOCK_STREAM, protocol: 0 });
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
    const outcome =
      error instanceof CallFailed ? { ok: false as const, errno: error.errno, call: error.call } : addonMissing;
    const immediate = setImmediate(done, outcome);
    return () => clearImmediate(immediate);
  }

  function close(): void {
    pending?.sockets.close(pending.fd);
    pending = null;
  }
};

const addonMissing: NativeConnectOutcome = { ok: false, errno: "ENOSYS", call: "socket" };

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
