// Thousands of real servers in one process: every address of 127.0.0.0/8 on ports that are opened and closed when told to.
// Counts, for each server while it is open, how far apart the checks were that came to it.
import { createServer, type Server, type Socket } from "node:net";

export type ToServers =
  | { readonly kind: "open"; readonly port: number }
  | { readonly kind: "close"; readonly port: number }
  | { readonly kind: "report"; readonly id: number };
export type FromServers =
  | { readonly kind: "done"; readonly port: number }
  | { readonly kind: "report"; readonly id: number; readonly checks: number; readonly worstGapMs: number };

interface Port {
  readonly server: Server;
  readonly sockets: Set<Socket>;
  /** When each address was asked last, ms. */
  readonly lastMs: Map<string, number>;
}

const ports = new Map<number, Port>();
let checks = 0;
let worstGapMs = 0;

function open(port: number): void {
  const sockets = new Set<Socket>();
  const lastMs = new Map<string, number>();
  const server = createServer((socket) => {
    const address = socket.localAddress ?? "";
    const nowMs = performance.now();
    worstGapMs = Math.max(worstGapMs, nowMs - (lastMs.get(address) ?? nowMs));
    lastMs.set(address, nowMs);
    checks += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    socket.on("end", () => socket.end());
  });
  ports.set(port, { server, sockets, lastMs });
  server.listen({ port, host: "0.0.0.0", backlog: 4096 }, () => tell({ kind: "done", port }));
}

function close(port: number): void {
  const closing = ports.get(port);
  ports.delete(port);
  closing?.server.close(() => tell({ kind: "done", port }));
  for (const socket of closing?.sockets ?? []) socket.destroy();
}

function tell(message: FromServers): void {
  process.send?.(message);
}

if (process.send !== undefined) {
  process.on("disconnect", () => process.exit());
  process.on("message", (message: ToServers) => {
    if (message.kind === "open") open(message.port);
    else if (message.kind === "close") close(message.port);
    else {
      tell({ kind: "report", id: message.id, checks, worstGapMs });
      checks = worstGapMs = 0;
    }
  });
}
