import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type ListenAddress, listenAddressText } from "../config/keywords/values/listen-address.ts";
import type { Severity } from "../log/record.ts";

export interface ListenerOptions {
  readonly handle: RequestListener;
  /** It listens, and has not accepted anybody yet. */
  readonly onListening: () => void;
  readonly log: (severity: Severity, message: string) => void;
}

/** How long until it is tried again to listen: an address may be configured later, another program may let go of a port. */
const retryMs = 1_000;
const mostConnections = 200;

/** Listens for HTTP where it is told to, and tries again where it cannot: nothing else depends on it. */
export class Listener {
  readonly #options: ListenerOptions;
  #server: Server | null = null;
  #timer: NodeJS.Timeout | null = null;
  #complaint = "";

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  listen(at: ListenAddress): void {
    this.close();
    this.#try(at);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#server?.close();
    this.#server?.closeAllConnections();
    this.#server = null;
  }

  #try(at: ListenAddress): void {
    const { handle, onListening, log } = this.#options;
    const server = createServer({ maxHeaderSize: 16_384, requestTimeout: 10_000, headersTimeout: 10_000 }, handle);
    server.maxConnections = mostConnections;
    this.#server = server;
    server.on("error", (error: NodeJS.ErrnoException) => {
      // Somebody was not accepted (no descriptor is left): it listens as before, and the next one may be luckier.
      if (server.listening) return;
      // Once for each cause, not every few seconds.
      const complaint = `cannot serve metrics and the status page on ${listenAddressText(at)}: ${describeError(error)}`;
      if (complaint !== this.#complaint) log("error", `${complaint}; it is tried again until it works`);
      this.#complaint = complaint;
      if (this.#server === server) this.#timer = setTimeout(() => this.#try(at), retryMs);
    });
    server.listen({ host: at.address, port: at.port }, () => {
      this.#complaint = "";
      onListening();
      const { port } = server.address() as AddressInfo;
      log("notice", `metrics and the status page are served on http://${listenAddressText({ ...at, port })}/`);
    });
  }
}

function describeError({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case "EADDRINUSE":
      return "another program listens there";
    case "EADDRNOTAVAIL":
      return "this machine does not have the address";
    case "EACCES":
    case "EPERM":
      return "not permitted (ports below 1024 need CAP_NET_BIND_SERVICE)";
    default:
      return message;
  }
}
