import net from "node:net";
import type { ConnectOptions } from "../check.ts";
import type { Reason } from "../verdict.ts";

export type NativeConnectOutcome =
  | { readonly ok: true; readonly fd: number }
  | {
      readonly ok: false;
      readonly errno: string;
      readonly call: Extract<Reason, { kind: "local" }>["call"];
    };

/**
 * Connects a socket that node:net cannot make (bind_if, fwmark). Calls back once, never from within, with a connected,
 * non-blocking descriptor that the callee owns; the returned function cancels, after which there is no call.
 */
export type NativeConnect = (connect: ConnectOptions, done: (outcome: NativeConnectOutcome) => void) => () => void;

export interface ConnectHandlers {
  readonly connected: (socket: net.Socket) => void;
  readonly failed: (error: NodeJS.ErrnoException) => void;
}

/** True when only a native socket can do it. */
export function needsNativeSocket({ bindIf, fwmark }: ConnectOptions): boolean {
  return bindIf !== null || fwmark !== null;
}

/** Starts a connection; exactly one handler is called, never from within. The returned function ends it at once. */
export function openConnection(
  options: ConnectOptions,
  nativeConnect: NativeConnect,
  handlers: ConnectHandlers,
): () => void {
  return needsNativeSocket(options)
    ? connectNatively(options, nativeConnect, handlers)
    : connectByNode(options, handlers);
}

function connectByNode(options: ConnectOptions, { connected, failed }: ConnectHandlers): () => void {
  try {
    // Addresses only: a name would be looked up, outside of any deadline and of what was configured.
    if (net.isIP(options.address) === 0) throw errnoError("EINVAL", "connect");
    const socket = net.connect({
      host: options.address,
      port: options.port,
      ...(options.bindto === null ? {} : { localAddress: options.bindto }),
      ...(options.bindPort === null ? {} : { localPort: options.bindPort }),
    });
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      connected(socket);
    });
    return () => closeSocket(socket, options);
  } catch (error) {
    const immediate = setImmediate(failed, error as NodeJS.ErrnoException);
    return () => clearImmediate(immediate);
  }
}

function connectNatively(options: ConnectOptions, nativeConnect: NativeConnect, handlers: ConnectHandlers): () => void {
  let socket: net.Socket | null = null;
  const cancel = nativeConnect(options, (outcome) => {
    if (!outcome.ok) return handlers.failed(errnoError(outcome.errno, outcome.call));
    socket = new net.Socket({ fd: outcome.fd });
    handlers.connected(socket);
  });
  return () => {
    if (socket) closeSocket(socket, options);
    else cancel();
  };
}

/**
 * Closes with FIN, as keepalived does, unless bind_port is set: the port would stay in TIME_WAIT for a minute and the next
 * probe could not connect from it, so that one ends with RST.
 */
export function closeSocket(socket: net.Socket, { bindPort }: ConnectOptions): void {
  // An error that comes after the verdict concerns nobody.
  socket.on("error", () => {});
  if (bindPort === null || socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}

function errnoError(code: string, syscall: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
}
