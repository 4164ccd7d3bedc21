import { once } from "node:events";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { dirname } from "node:path";
import { LineTooLong, lines } from "./lines.ts";
import { type Answer, type Hello, maxRequestBytes, parseRequest, type Request } from "./protocol.ts";
import type { UserspacePlane } from "./userspace-plane.ts";

/** Services per answer line, so that a large dump neither holds up the traffic nor needs one huge line. */
const servicesPerPart = 250;

const predecessorPollMs = 100;
const predecessorAttempts = 30;

/** sun_path of sockaddr_un less its closing NUL. */
const maxPathBytes = 107;

/** A data plane that answers on this path already, or a path that no socket can have. */
export class SocketUnusable extends Error {
  readonly code: "in-use" | "path-too-long";
  constructor(code: SocketUnusable["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Serves the data plane on a unix socket, mode 0600. A socket file that nobody answers on is replaced, one that somebody
 * answers on is waited for a little; `close` removes ours.
 * @throws SocketUnusable, and the errors of bind(2)
 */
export async function serveUserspace(path: string, plane: UserspacePlane, hello: Hello): Promise<{ close(): void }> {
  if (Buffer.byteLength(path) > maxPathBytes) {
    throw new SocketUnusable(
      "path-too-long",
      `${path} is longer than the ${maxPathBytes} bytes that a unix socket can have`,
    );
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  await untilFree(path);
  rmSync(path, { force: true });
  const server = createServer((client) => void serveClient(client, plane, hello));
  server.listen(path);
  await once(server, "listening");
  chmodSync(path, 0o600);
  server.on("error", () => {});
  return { close: () => void server.close() };
}

/** Answers one client's requests, one after the other, until it goes. Whatever it sends, only its own connection suffers. */
async function serveClient(client: Socket, plane: UserspacePlane, hello: Hello): Promise<void> {
  client.on("error", () => {});
  try {
    for await (const line of lines(client.iterator({ destroyOnReturn: false }), maxRequestBytes)) {
      const parsed = parseRequest(line);
      if ("refused" in parsed) {
        await write(client, parsed.refused);
        // Without an id no answer can be matched to it: whoever speaks here is no client of ours.
        if (parsed.refused.id === null) break;
      } else {
        await answer(client, parsed.request, plane, hello).catch((error: unknown) => {
          process.stderr.write(`lbctl dataplane: ${parsed.request.call}: ${String(error)}\n`);
          return write(client, { id: parsed.request.id, error: String(error) });
        });
      }
    }
  } catch (error) {
    if (error instanceof LineTooLong) await write(client, { id: null, error: error.message });
  }
  client.end(() => client.destroy());
}

async function answer(client: Socket, request: Request, plane: UserspacePlane, hello: Hello): Promise<void> {
  const { id } = request;
  switch (request.call) {
    case "hello":
      return write(client, { id, result: hello });
    case "failures":
      return write(client, { id, result: plane.failures });
    case "apply":
      return write(client, { id, result: await plane.apply(request.operations) });
    case "dump":
      return writeServices(client, id, plane.entries());
    case "read":
      return writeServices(client, id, plane.entries(request.keys));
  }
}

async function writeServices(
  client: Socket,
  id: number,
  services: ReturnType<UserspacePlane["entries"]>,
): Promise<void> {
  let start = 0;
  for (; services.length - start > servicesPerPart; start += servicesPerPart) {
    await write(client, { id, result: services.slice(start, start + servicesPerPart), more: true });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await write(client, { id, result: services.slice(start) });
}

async function write(client: Socket, answer: Answer): Promise<void> {
  if (client.destroyed || client.write(`${JSON.stringify(answer)}\n`)) return;
  await new Promise<void>((resolve) => {
    const proceed = (): void => {
      client.off("drain", proceed).off("close", proceed);
      resolve();
    };
    client.once("drain", proceed).once("close", proceed);
  });
}

/** Waits for a predecessor whose supervisor was killed: it ends by itself, but not at once. @throws SocketUnusable */
async function untilFree(path: string): Promise<void> {
  for (let attempt = 0; await answers(path); attempt++) {
    if (attempt >= predecessorAttempts) {
      throw new SocketUnusable("in-use", `another user-space data plane answers on ${path}`);
    }
    await new Promise((resolve) => setTimeout(resolve, predecessorPollMs));
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}
