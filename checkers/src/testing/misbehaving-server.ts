import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";

/** What a server does with a connection. Errors of its sockets concern nobody: peers come and go. */
export type Behaviour = (socket: net.Socket) => void;

export interface TestServer {
  readonly port: number;
  /** Connections accepted so far, open or closed. */
  readonly accepted: () => number;
  /** Connections open now. */
  readonly open: () => number;
  readonly close: () => Promise<void>;
}

export async function listen(behaviour: Behaviour, address = "127.0.0.1"): Promise<TestServer> {
  const sockets = new Set<net.Socket>();
  let accepted = 0;
  const server = net.createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    behaviour(socket);
  });
  server.listen(0, address);
  await once(server, "listening");
  return {
    port: (server.address() as net.AddressInfo).port,
    accepted: () => accepted,
    open: () => sockets.size,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Answers every request with these bytes. */
export function answers(response: string | ((path: string) => string), afterwards: Behaviour = () => {}): Behaviour {
  return (socket) =>
    void socket.on("data", (request) => {
      const path = request.toString("latin1").split(" ")[1] ?? "";
      socket.write(typeof response === "string" ? response : response(path));
      afterwards(socket);
    });
}

/** Accepts, reads, and never says a word. */
export const hangs: Behaviour = (socket) => void socket.resume();

/** Sends one byte of the response every 20 ms, forever. */
export function drips(head: string): Behaviour {
  return (socket) => {
    socket.on("data", () => {
      socket.write(head);
      const timer = setInterval(() => socket.write("x"), 20);
      socket.on("close", () => clearInterval(timer));
    });
  };
}

/** Writes the same piece again as fast as it is taken, forever. */
export function floods(head: string, piece: string): Behaviour {
  return (socket) => {
    const pump = () => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on("drain", pump);
    socket.once("data", () => {
      socket.write(head);
      pump();
    });
  };
}

/** A port on which nobody listens. */
export async function unusedPort(): Promise<number> {
  const server = await listen(hangs);
  await server.close();
  return server.port;
}

/**
 * A port that drops connection requests, as a dead machine does: a stopped process whose queue of two is full.
 * Returns how to end it.
 */
export async function listenWithoutAccepting(): Promise<{ port: number; close: () => Promise<void> }> {
  const program = `
    const server = require("node:net").createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      require("node:fs").writeSync(1, server.address().port + "\\n");
      process.kill(process.pid, "SIGSTOP");
    });`;
  const child: ChildProcess = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout as NodeJS.ReadableStream, "data");
  const port = Number(String(line));
  const queued = [1, 2, 3].map(() => net.connect(port, "127.0.0.1").on("error", () => {}));
  await Promise.all(queued.slice(0, 2).map((socket) => once(socket, "connect")));
  return {
    port,
    close: async () => {
      for (const socket of queued) socket.destroy();
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
