import net from "node:net";
import tls from "node:tls";
import { buildRequest, type ConnectOptions, connectNatively, openConnection } from "@lbctl/checkers";
import type { buildConnector } from "undici";
import type { Step } from "./errors.ts";
import type { GenhashOptions } from "./options.ts";

/** Where the options lead, once the server's name has an address. */
export interface Target extends GenhashOptions {
  readonly address: string;
}

/**
 * Connects for undici: with the firewall mark through a native socket, with TLS unverified, since a digest is taken of pages
 * on real servers that often have a self-signed certificate. `entering` is called with each step after the first.
 */
export function connectorTo(
  target: Target,
  signal: AbortSignal,
  entering: (step: Step) => void,
): buildConnector.connector {
  return (_options, callback) => {
    const cancel = openConnection(connectOptions(target), connectNatively, {
      failed,
      connected: (socket) => {
        if (!target.ssl) return ready.call(socket);
        entering("handshake");
        secure(socket, target).once("error", failed).once("secureConnect", ready);
      },
    });
    signal.addEventListener("abort", abort);

    // undici does not end a connection that is still being made.
    function abort(): void {
      cancel();
      callback(new Error("aborted"), null);
    }

    function failed(error: Error): void {
      signal.removeEventListener("abort", abort);
      cancel();
      callback(error, null);
    }

    function ready(this: net.Socket): void {
      signal.removeEventListener("abort", abort);
      this.off("error", failed);
      sendInstead(this, buildRequest(target, target.protocol));
      entering("request");
      callback(null, this);
    }
  };
}

function connectOptions({ address, port, fwmark }: Target): ConnectOptions {
  return { address, port, bindto: null, bindPort: null, bindIf: null, fwmark };
}

function secure(socket: net.Socket, target: Target): tls.TLSSocket {
  const servername = target.sni ? serverName(target) : null;
  return tls.connect({ socket, rejectUnauthorized: false, ...(servername === null ? {} : { servername }) });
}

/** The virtualhost without its port, else the server if it is a name; an address is no server name (RFC 6066 3). */
function serverName({ virtualhost, server }: Target): string | null {
  const name = virtualhost?.replace(/:[0-9]+$/, "") ?? server;
  return net.isIP(name) === 0 && !name.startsWith("[") ? name : null;
}

/**
 * undici speaks HTTP/1.1 only. Its request head, the first thing it writes, is replaced by the one that HTTP_GET sends, so that
 * the digest is of the very answer HTTP_GET will get; the answer is undici's to parse.
 */
function sendInstead(socket: net.Socket, request: string): void {
  const write = socket.write.bind(socket);
  socket.write = () => {
    socket.write = write;
    return write(request, "latin1");
  };
}
