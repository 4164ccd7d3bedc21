import { createHash } from "node:crypto";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { performance } from "node:perf_hooks";
import { Client } from "undici";
import { connectorTo, type Target } from "./connector.ts";
import { deadlineError, genhashError, maxHeaderBytes, resolveError, type Step } from "./errors.ts";
import type { GenhashOptions } from "./options.ts";

export interface GenhashResult {
  readonly algorithm: GenhashOptions["hash"];
  /** Of the body as transferred, chunked framing removed, content codings kept. */
  readonly digest: string;
  readonly bytes: number;
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly latencyMs: number;
}

/**
 * Fetches the page and digests its body, whatever its status. Redirects are not followed.
 * Throws GenhashError when there is no complete answer.
 */
export async function genhash(options: GenhashOptions): Promise<GenhashResult> {
  const target: Target = { ...options, address: await resolve(options.server) };
  const page = describePage(options);
  const startedMs = performance.now();
  let step: Step = "connect";
  const signal = AbortSignal.timeout(options.timeoutMs);
  const connect = connectorTo(target, signal, (entered) => {
    step = entered;
  });
  const client = new Client("http://server.invalid", {
    connect,
    maxHeaderSize: maxHeaderBytes,
    bodyTimeout: 0,
    headersTimeout: 0,
  });
  try {
    const response = await client.request({
      // Never sent: the connector puts our own request in its place. undici checks both.
      path: "/",
      method: "GET",
      signal,
      responseHeaders: "raw",
    });
    step = "body";
    const hash = createHash(options.hash);
    let bytes = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    return {
      algorithm: options.hash,
      digest: hash.digest("hex"),
      bytes,
      status: response.statusCode,
      headers: pairs(response.headers as unknown as readonly string[]),
      latencyMs: Math.round((performance.now() - startedMs) * 100) / 100,
    };
  } catch (error) {
    if (signal.aborted) throw deadlineError(page, step, options.timeoutMs);
    throw genhashError(error, page, step, performance.now() - startedMs);
  } finally {
    await client.destroy();
  }
}

/** "https://[2001:db8::1]:443/page", for messages. */
export function describePage({ server, port, ssl, path }: GenhashOptions): string {
  return `${ssl ? "https" : "http"}://${server.includes(":") ? `[${server}]` : server}:${port}${path}`;
}

/** True for an answer that keepalived's genhash digests with its chunked framing. */
export function isChunked({ headers }: GenhashResult): boolean {
  return headers.some(([name, value]) => name.toLowerCase() === "transfer-encoding" && /chunked/i.test(value));
}

async function resolve(server: string): Promise<string> {
  if (isIP(server) !== 0) return server;
  try {
    return (await lookup(server)).address;
  } catch (error) {
    throw resolveError(server, (error as NodeJS.ErrnoException).code ?? "unknown");
  }
}

/** undici's raw headers: names and values by turns. */
function pairs(raw: readonly unknown[]): [string, string][] {
  const headers: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) headers.push([String(raw[at]), String(raw[at + 1])]);
  return headers;
}
