import { once } from "node:events";
import { readFileSync } from "node:fs";
import type net from "node:net";
import tls from "node:tls";
import type { TestCertificates } from "./certificates.ts";
import type { Behaviour } from "./misbehaving-server.ts";

/** A TLS server with one of the certificates that does to each connection what it is told; `options` may say more. */
export async function listenTls(
  behaviour: Behaviour,
  { file }: TestCertificates,
  certificate = "good",
  options: tls.TlsOptions = {},
): Promise<{ readonly port: number; readonly close: () => void }> {
  const [cert, key] = [readFileSync(file(`${certificate}.pem`)), readFileSync(file(`${certificate}.key`))];
  const sockets = new Set<net.Socket>();
  const server = tls.createServer({ cert, key, ...options }, (socket) => {
    socket.on("error", () => {});
    // TLS sockets cannot be reset: the connection below can.
    const below = [...sockets].find(({ remotePort }) => remotePort === socket.remotePort);
    socket.resetAndDestroy = () => {
      below?.resetAndDestroy();
      return socket;
    };
    behaviour(socket);
  });
  server.on("tlsClientError", () => {});
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as net.AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
