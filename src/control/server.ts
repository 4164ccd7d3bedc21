import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, chownSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ControlApi, ControlError, type ControlErrorBody, type ControlRoute, httpStatusOf } from "./api.ts";
import { badRequest, noSuchRequest } from "./bad-request.ts";
import { type Caller, callerOf } from "./caller.ts";
import type { EventLog } from "./event-log.ts";
import { EVENTS_ROUTE, streamEvents } from "./event-reader.ts";
import { requestSchemas } from "./requests.ts";

/**
 * Answers one request, which is as its schema says; throws ControlError for what the sender can act on. Who asks is looked up when it is
 * called, which is before the first wait: a sender that has gone cannot be asked for.
 */
export type ControlHandlers = {
  readonly [R in ControlRoute]: (
    request: ControlApi[R]["request"],
    caller: () => Promise<Caller>,
  ) => Promise<ControlApi[R]["response"]>;
};

export interface ControlServerOptions {
  readonly path: string;
  /** Takes the place of a predecessor that still answers there, without a moment in which nobody does. */
  readonly replaces: boolean;
  /** Group of the socket; null: that of the process. */
  readonly gid: number | null;
  readonly handlers: ControlHandlers;
  readonly events: EventLog;
  /** A request failed for a reason that is ours. */
  readonly onFailure: (route: string, error: unknown) => void;
}

const maxRequestBytes = 1 << 20;
/** How long requests under way may take at the end; one that somebody never finishes must not hold it up. */
const closeGraceMs = 1000;

export interface ControlServer {
  /** Ends it, with the socket. */
  close(): Promise<void>;
  /** Ends with answering; the socket is somebody else's by now. */
  abandon(): Promise<void>;
  /** A successor may take the socket's place from now on. The returned function takes it back, or leaves it to that one for good. */
  lend(): (how: "take_back" | "leave") => void;
}

/** The control socket is in use by a live process. */
export class ControlSocketInUse extends Error {
  readonly code = "control-socket-in-use";
  constructor(path: string) {
    super(`another lbctl answers on ${path}`);
  }
}

/**
 * Serves the control API (HTTP with JSON) on a unix socket, mode 0660. A socket file that nobody answers on is replaced.
 * @throws ControlSocketInUse
 */
export async function serveControl(options: ControlServerOptions): Promise<ControlServer> {
  const { path, gid, handlers, events, onFailure } = options;
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  if (!options.replaces) {
    if (await answers(path)) throw new ControlSocketInUse(path);
    removeUnfinished(dirname(path));
  }
  const followers = new Set<ServerResponse>();
  const pending = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const route = `${request.method} ${request.url?.split("?")[0]}`;
    if (route === EVENTS_ROUTE) return streamEvents(events, request, response, followers);
    pending.add(response);
    response.once("close", () => pending.delete(response));
    answer(route, request, handlers)
      .then((body) => send(response, 200, body))
      .catch((error: unknown) => {
        if (!(error instanceof ControlError)) onFailure(route, error);
        const known = error instanceof ControlError ? error : internal(error);
        send(response, httpStatusOf[known.code], errorBody(known));
      });
  });
  // In place all at once, with its permissions: whoever asks finds the old one or the new one. Under a name that nobody else
  // takes: at its end Node removes once more what it listened on, which could be what a successor is about to move to its place. No longer
  // than the longest name of a socket there (dataplane.sock).
  const fresh = join(dirname(path), `control.${randomBytes(3).toString("hex")}`);
  rmSync(fresh, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(fresh, resolve);
  });
  // One that asked was not accepted, for want of descriptors: who answers goes on.
  server.on("error", (error) => onFailure("accept", error));
  if (gid !== null) chownSync(fresh, -1, gid);
  chmodSync(fresh, 0o660);
  renameSync(fresh, path);
  const { ino } = statSync(path);
  // A second name for what is reached by none when a successor has taken the place.
  const held = join(dirname(path), "control.held");
  return {
    lend: () => {
      rmSync(held, { force: true });
      linkSync(path, held);
      return (how) => {
        if (how === "take_back") {
          renameSync(held, path);
          removeUnfinished(dirname(path));
        }
        // Also after that: to rename one name of a file to another of it does nothing.
        rmSync(held, { force: true });
      };
    },
    abandon: async () => {
      for (const follower of followers) follower.end();
      const answered = [...pending].map((response) => once(response, "close"));
      await Promise.race([Promise.all(answered), sleep(closeGraceMs, undefined, { ref: false })]);
    },
    close: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), closeGraceMs);
        // Node removes the name that it listened on, which is another one by now.
        if (inodeOf(path) === ino) rmSync(path);
        // Of a predecessor that was killed while it lent its socket.
        rmSync(held, { force: true });
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        for (const follower of followers) follower.end();
        server.closeIdleConnections();
      }),
  };
}

async function answer(route: string, request: IncomingMessage, handlers: ControlHandlers): Promise<unknown> {
  if (!isRoute(route, handlers)) throw noSuchRequest(route, [...Object.keys(handlers), EVENTS_ROUTE]);
  const handler = handlers[route] as (request: unknown, caller: () => Promise<Caller>) => Promise<unknown>;
  const sent = await body(request);
  const parsed = requestSchemas[route].safeParse(sent);
  if (parsed.success) return handler(parsed.data, () => callerOf(request.socket));
  throw badRequest(route, sent, parsed.error);
}

function isRoute(route: string, handlers: ControlHandlers): route is ControlRoute {
  return Object.hasOwn(handlers, route);
}

async function body(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxRequestBytes) throw new ControlError("bad-request", "the request body is over 1 MiB", "Send less.");
    chunks.push(chunk);
  }
  if (size === 0) return null;
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    const message = `the request body is not JSON: ${(error as Error).message}`;
    throw new ControlError("bad-request", message, "Send a JSON object: names and texts have double quotes.");
  }
}

function internal(error: unknown): ControlError {
  const message = error instanceof Error ? error.message : String(error);
  return new ControlError("internal", message, "This is a fault of lbctl: its log has the details.");
}

function errorBody(error: ControlError): ControlErrorBody {
  const { code, message, hint, diagnostics } = error;
  return { error: diagnostics === undefined ? { code, message, hint } : { code, message, hint, diagnostics } };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

/** What those left that were killed before their socket was in its place. For who is alone. */
function removeUnfinished(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (/^control\.[0-9a-f]{6}$/.test(name)) rmSync(join(directory, name), { force: true });
  }
}

function inodeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
