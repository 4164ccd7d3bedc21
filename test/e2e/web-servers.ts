import { once } from "node:events";
import { Agent, createServer, get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A real server: every page says its name. */
export class WebServer {
  readonly name: string;
  #port = 0;
  #status = 200;
  #server: Server | null = null;
  #asked = 0;

  private constructor(name: string) {
    this.name = name;
  }

  /** On a free loopback port, which it keeps over `stop` and `resume`. */
  static async start(name: string): Promise<WebServer> {
    const server = new WebServer(name);
    await server.resume();
    return server;
  }

  get port(): number {
    return this.#port;
  }

  /** How many requests came, those of checks among them. */
  get asked(): number {
    return this.#asked;
  }

  /** The status of every answer from now on. */
  answerWith(status: number): void {
    this.#status = status;
  }

  /** Nothing listens any more, and open connections are cut. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  }

  async resume(): Promise<void> {
    const server = createServer((_request, response) => {
      this.#asked++;
      response.writeHead(this.#status, { connection: "close" }).end(this.name);
    });
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }
}

/** The answer to one request over a connection of its own; rejects when there is none within half a minute. */
export async function ask(port: number): Promise<string> {
  const agent = new Agent({ keepAlive: false });
  const request = get({ host: "127.0.0.1", port, agent, signal: AbortSignal.timeout(30_000) });
  const [response] = await once(request, "response");
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return text;
}

/** How many of `count` requests, one after the other, each server answered. */
export async function share(port: number, count: number): Promise<Record<string, number>> {
  const shares: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const name = await ask(port);
    shares[name] = (shares[name] ?? 0) + 1;
  }
  return shares;
}

/** Carries out `task` while a client asks again and again, a connection each time. Rejects if a request failed. */
export async function underLoad(port: number, task: () => Promise<void>): Promise<void> {
  const failures: string[] = [];
  let answered = 0;
  let over = false;
  const client = async (): Promise<void> => {
    while (!over) {
      await ask(port).then(
        () => answered++,
        (error: unknown) => failures.push(String(error)),
      );
      await sleep(10);
    }
  };
  const load = client();
  try {
    await task();
  } finally {
    over = true;
    await load;
  }
  if (failures.length > 0) throw new Error(`${failures.length} requests failed: ${failures[0]}`);
  if (answered === 0) throw new Error("no request was answered");
}
