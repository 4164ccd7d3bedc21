import { type Agent, request } from "node:http";
import type { Outcome } from "./client-load-summary.ts";

/**
 * One GET. Good is a status of 2xx and the whole body, within the deadline; the body's first line is the server's name.
 * Without an agent it opens a connection of its own.
 */
export function get(url: URL, deadlineMs: number, agent: Agent | false): Promise<Outcome> {
  const startedAtMs = performance.timeOrigin + performance.now();
  return new Promise((resolve) => {
    const end = (result: { ok: true; server: string } | { ok: false; reason: string }): void => {
      clearTimeout(deadline);
      const tookMs = performance.timeOrigin + performance.now() - startedAtMs;
      resolve({ startedAtMs: Math.round(startedAtMs), tookMs: Math.round(tookMs * 10) / 10, ...result });
    };
    const fail = (reason: string): void => {
      end({ ok: false, reason });
      exchange.destroy();
    };
    let phase = "connect";
    const exchange = request(url, { agent });
    const deadline = setTimeout(() => fail(`${phase}: no answer within ${deadlineMs} ms`), deadlineMs);

    exchange.once("socket", (socket) => {
      if (!socket.connecting) phase = "request";
      socket.once("connect", () => {
        phase = "request";
      });
    });
    exchange.once("error", (error: NodeJS.ErrnoException) => fail(`${phase}: ${error.code ?? error.message}`));
    exchange.once("response", (response) => {
      phase = "body";
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        body += piece;
      });
      response.once("error", (error: NodeJS.ErrnoException) => fail(`${phase}: ${error.code ?? error.message}`));
      response.once("end", () => {
        const status = response.statusCode ?? 0;
        if (status < 200 || status > 299) fail(`status ${status}`);
        else end({ ok: true, server: body.split("\n")[0] ?? "" });
      });
    });
    exchange.end();
  });
}
