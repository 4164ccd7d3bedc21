import { createServer, type Socket } from "node:net";
import { countFailure, type Forwarder, type ForwarderContext } from "./forwarder.ts";
import { abort, TcpConnection } from "./tcp-connection.ts";

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
  const { state, failures } = context;
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
  new TcpConnection(client, destination, context);
}
