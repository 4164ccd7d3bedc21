import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export interface TcpServer {
  readonly port: number;
  /** Connections that are open at this moment. */
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

/** A TCP server on an ephemeral loopback port; both ends keep half-closed connections. */
export async function serveTcp(onConnection: (socket: Socket) => void, address = "127.0.0.1"): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    onConnection(socket);
  });
  server.listen(0, address);
  await once(server, "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  return {
    port: bound.port,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) {
        server.close();
        await once(server, "close");
      }
    },
  };
}

/** A server that says its name and closes. */
export function serveName(name: string): Promise<TcpServer> {
  return serveTcp((socket) => void socket.end(name));
}

/** A connected client socket; errors are the test's to look for. */
export async function dial(port: number, address = "127.0.0.1"): Promise<Socket> {
  const socket = connect({ port, host: address, allowHalfOpen: true });
  await once(socket, "connect");
  socket.on("error", () => {});
  return socket;
}

/** Everything until the other end closes its side. Throws what breaks the connection before. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What a server says to a new connection that is then closed; "" when it is cut at once. */
export async function ask(port: number, address = "127.0.0.1"): Promise<string> {
  const socket = connect({ port, host: address });
  try {
    return (await readAll(socket)).toString();
  } catch {
    return "";
  } finally {
    socket.destroy();
  }
}
