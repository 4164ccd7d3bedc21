import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

export interface UdpServer {
  readonly port: number;
  readonly received: string[];
  close(): void;
}

/** A UDP server (on an ephemeral port unless one is given) that answers each datagram with "<name>:<datagram>". */
export async function serveUdp(name: string, address = "127.0.0.1", port = 0): Promise<UdpServer> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  const received: string[] = [];
  socket.on("message", (datagram, client) => {
    received.push(String(datagram));
    socket.send(Buffer.concat([Buffer.from(`${name}:`), datagram]), client.port, client.address);
  });
  socket.bind(port, address);
  await once(socket, "listening");
  return { port: socket.address().port, received, close: () => void socket.close() };
}

/** One client address and port of a service. */
export class UdpClient {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async connect(port: number, address = "127.0.0.1"): Promise<UdpClient> {
    const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
    socket.connect(port, address);
    await once(socket, "connect");
    return new UdpClient(socket);
  }

  /** The answer to one datagram; null when there is none within `waitMs`. */
  async ask(datagram: string | Buffer, waitMs = 30_000): Promise<string | null> {
    this.#socket.send(datagram);
    try {
      const [answer] = await once(this.#socket, "message", { signal: AbortSignal.timeout(waitMs) });
      return String(answer);
    } catch {
      return null;
    }
  }

  send(datagram: string): void {
    this.#socket.send(datagram);
  }

  close(): void {
    this.#socket.close();
  }
}
