import { connect, createServer, type Socket } from "node:net";
import type { ConnectionState, DestinationState } from "./destination-state.ts";
import { countFailure, type Forwarder, type ForwarderContext } from "./forwarder.ts";

// ip_vs_proto_tcp.c, tcp_timeouts: established without traffic, closed in one direction, closed, reset.
const establishedMs = 900_000;
const finWaitMs = 120_000;
const timeWaitS = 120;
const closeS = 10;
/** As long as IPVS waits in SYN_RECV. */
const connectMs = 60_000;

/**
 * Listens on the service's address and port and forwards each connection to the destination scheduled for it.
 * Rejects with the error of listen(2).
 */
export async function listenTcp(context: ForwarderContext): Promise<Forwarder> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => accept(client, context));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: context.key.address, port: context.key.port, ipv6Only: true }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.on("error", (error) => countFailure(context.failures, error));
  return { expire: () => {}, close: () => void server.close() };
}

function accept(client: Socket, context: ForwarderContext): void {
  const { state, failures, connections } = context;
  client.on("error", () => {});
  // Undefined when the client is gone already.
  if (client.remoteAddress === undefined || client.remotePort === undefined) {
    client.destroy();
    return;
  }
  const destination = state.schedule({ address: client.remoteAddress, port: client.remotePort });
  if (destination === null) {
    failures.noDestination++;
    abort(client);
    return;
  }
  state.meter.connection();
  connections.add(client);
  client.once("close", () => connections.delete(client));
  forward(client, destination, context);
}

/** One connection: client and server are the two sockets, "in" is what the client sends. */
function forward(client: Socket, destination: DestinationState, context: ForwarderContext): void {
  const { state, failures, key, nowS } = context;
  const { address, port } = destination.settings;
  const server = connect({ host: address, port: port === 0 ? key.port : port, allowHalfOpen: true, noDelay: true });
  let counted: ConnectionState = "active";
  let wasReset = false;
  let connected = false;
  let open = 2;
  destination.open(counted);

  const reset = (): void => {
    wasReset = true;
    abort(client);
    abort(server);
  };
  const onHalfClose = (): void => {
    if (counted === "active") {
      counted = "inactive";
      destination.deactivate();
    }
    client.setTimeout(finWaitMs);
  };
  const onClose = (): void => {
    open--;
    if (open === 0) destination.close(counted, wasReset ? closeS : timeWaitS, nowS());
  };

  client.setTimeout(establishedMs, reset);
  server.setTimeout(connectMs, () => {
    failures.connectFailed++;
    reset();
  });
  server.once("connect", () => {
    connected = true;
    server.setTimeout(0);
  });
  server.on("error", (error) => {
    if (!connected) countFailure(failures, error);
  });

  relay(client, server, (bytes) => {
    state.meter.received(bytes);
    destination.meter.received(bytes);
  });
  relay(server, client, (bytes) => {
    state.meter.sent(bytes);
    destination.meter.sent(bytes);
  });
  client.once("end", onHalfClose);
  server.once("end", onHalfClose);
  client.once("close", (hadError) => {
    onClose();
    if (hadError || !client.readableEnded) reset();
  });
  server.once("close", (hadError) => {
    onClose();
    if (!server.readableEnded) reset();
    // Everything that the server said has been passed on. A reset would throw away what the client has not read yet.
    else if (hadError) drain(client);
  });
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

/** Ends with RST, as the kernel does for connections that it cannot serve. */
function abort(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}
