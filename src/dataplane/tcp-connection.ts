import { connect, type Socket } from "node:net";
import type { ConnectionState, DestinationState } from "./destination-state.ts";
import { countFailure, type ForwarderContext } from "./forwarder.ts";

// ip_vs_proto_tcp.c, tcp_timeouts: established without traffic, closed in one direction, closed, reset.
const establishedMs = 900_000;
const finWaitMs = 120_000;
const timeWaitS = 120;
const closeS = 10;
/** As long as IPVS waits in SYN_RECV. */
const connectMs = 60_000;

/** One forwarded connection: copies both ways and keeps the destination's counts, until both sockets are closed. */
export class TcpConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #destination: DestinationState;
  readonly #context: ForwarderContext;
  #state: ConnectionState = "active";
  #connected = false;
  #wasReset = false;
  #openSockets = 2;

  /** Connects an accepted client to the destination scheduled for it. */
  constructor(client: Socket, destination: DestinationState, context: ForwarderContext) {
    const { address, port } = destination.settings;
    this.#client = client;
    this.#destination = destination;
    this.#context = context;
    destination.open(this.#state);
    // Port 0 of a destination is the port of the service.
    const endpoint = { host: address, port: port === 0 ? context.key.port : port };
    this.#server = connect({ ...endpoint, allowHalfOpen: true, noDelay: true });
    this.#watchServer();
    this.#watchClient();
    this.#relay();
  }

  #watchServer(): void {
    const server = this.#server;
    server.setTimeout(connectMs, () => {
      this.#context.failures.connectFailed++;
      this.#reset();
    });
    server.once("connect", () => {
      this.#connected = true;
      server.setTimeout(0);
    });
    server.on("error", (error) => {
      if (!this.#connected) countFailure(this.#context.failures, error);
    });
    server.once("end", () => this.#halfClosed());
    server.once("close", (hadError) => {
      this.#closed();
      if (!server.readableEnded) this.#reset();
      // Everything that the server said has been passed on. A reset would throw away what the client has not read yet.
      else if (hadError) drain(this.#client);
    });
  }

  #watchClient(): void {
    const client = this.#client;
    client.setTimeout(establishedMs, () => this.#reset());
    client.once("end", () => this.#halfClosed());
    client.once("close", (hadError) => {
      this.#closed();
      if (hadError || !client.readableEnded) this.#reset();
    });
  }

  #relay(): void {
    const { meter } = this.#context.state;
    relay(this.#client, this.#server, (bytes) => {
      meter.received(bytes);
      this.#destination.meter.received(bytes);
    });
    relay(this.#server, this.#client, (bytes) => {
      meter.sent(bytes);
      this.#destination.meter.sent(bytes);
    });
  }

  #halfClosed(): void {
    if (this.#state === "active") {
      this.#state = "inactive";
      this.#destination.deactivate();
    }
    this.#client.setTimeout(finWaitMs);
  }

  #closed(): void {
    this.#openSockets--;
    if (this.#openSockets > 0) return;
    this.#destination.close(this.#state, this.#wasReset ? closeS : timeWaitS, this.#context.nowS());
  }

  #reset(): void {
    if (this.#openSockets === 0) return;
    this.#wasReset = true;
    abort(this.#client);
    abort(this.#server);
  }
}

/** Ends with RST, as the kernel does for connections that it cannot serve. */
export function abort(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}

/** Leaves a socket time to deliver what was written to it, whatever its other end still sends. */
function drain(socket: Socket): void {
  const limit = setTimeout(() => abort(socket), finWaitMs);
  socket.once("close", () => clearTimeout(limit));
}

/** Copies one direction as fast as the slower side takes it; the end of one is the end of the other. */
function relay(from: Socket, to: Socket, onBytes: (bytes: number) => void): void {
  from.on("data", (chunk: Buffer) => {
    onBytes(chunk.length);
    // The other side has failed, what is still sent to it goes nowhere: read on, so that the end is seen.
    if (to.writable && !to.write(chunk)) from.pause();
  });
  to.on("drain", () => from.resume());
  to.once("close", () => from.resume());
  from.once("end", () => {
    if (to.writable) to.end();
  });
}
