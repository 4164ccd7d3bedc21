import type { IncomingMessage, ServerResponse } from "node:http";
import { constants, createGzip } from "node:zlib";

/** What is sent with every answer: nothing of it may be kept, framed, or taken for something else. */
const always = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
} as const;

export type Headers = Readonly<Record<string, string>>;

/** Shorter ones are not worth the compression. */
const worthGzip = 4_096;

/** Sends a whole body, compressed where that is accepted: on threads of its own, not on this one. */
export function sendBody(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: string,
  headers: Headers,
): void {
  const length = Buffer.byteLength(body);
  const plain = { ...always, ...headers, vary: "accept, accept-encoding" };
  if (request.method === "HEAD") {
    response.writeHead(status, plain).end();
  } else if (length < worthGzip || !/\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""))) {
    response.writeHead(status, { ...plain, "content-length": length }).end(body);
  } else {
    response.writeHead(status, { ...plain, "content-encoding": "gzip" });
    // Metrics repeat themselves: the fastest level already makes them a tenth.
    const gzip = createGzip({ level: constants.Z_BEST_SPEED });
    gzip.pipe(response);
    response.on("close", () => gzip.destroy());
    gzip.end(body);
  }
}

export function sendText(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  sendBody(request, response, status, `${text}\n`, { "content-type": "text/plain; charset=utf-8" });
}

/** The beginning of a stream of events for an EventSource. */
export function startStream(response: ServerResponse): void {
  response.writeHead(200, { ...always, "content-type": "text/event-stream; charset=utf-8" });
  response.flushHeaders();
}
