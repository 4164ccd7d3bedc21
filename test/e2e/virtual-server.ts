import type { WebServer } from "./web-servers.ts";

/** Checks as fast as a busy machine allows, whose servers may be late once: those that are away refuse twice. */
const timing = { delay_loop: 1, connect_timeout: 1, retry: 1, delay_before_retry: 0.2, warmup: 0 } as const;

/** A virtual server on loopback in front of these real servers, each asked over HTTP; `keywords` adds and replaces. */
export function virtualServer(
  name: string,
  port: number,
  servers: readonly WebServer[],
  keywords: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    name,
    address: "127.0.0.1",
    port,
    protocol: "TCP",
    lvs_sched: "rr",
    delay_loop: timing.delay_loop,
    real_server: servers.map((server) => realServer(server)),
    ...keywords,
  };
}

export function realServer(
  server: WebServer,
  keywords: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const HTTP_GET = { url: { path: "/", status_code: 200 }, ...timing };
  return { address: "127.0.0.1", port: server.port, weight: 1, HTTP_GET, ...keywords };
}
