import http2 from "node:http2";
import type net from "node:net";
import { performance } from "node:perf_hooks";
import type tls from "node:tls";
import type { ConnectOptions, ProbeSpec } from "../check.ts";
import { encodeHealthRequest, judgeHealthAnswer, maxHealthAnswerBytes } from "../grpc/health-message.ts";
import type { Trace } from "../trace.ts";
import type { Findings, Phase, Reason } from "../verdict.ts";
import { type NativeConnect, openConnection } from "./connect.ts";
import { startDeadline } from "./deadline.ts";
import { reasonOf } from "./errors.ts";
import type { Ending } from "./exchange.ts";
import { sourceOf, tlsFacts } from "./facts.ts";
import { judgeCertificate, startTls, type TlsSettings, tlsReasonOf } from "./tls-client.ts";

export interface GrpcExchangeOptions extends Omit<Extract<ProbeSpec, { type: "GRPC_CHECK" }>, "type"> {
  readonly timeoutMs: number;
  readonly nativeConnect: NativeConnect;
  readonly trace?: Trace | undefined;
}

/** What ALPN calls HTTP/2 over TLS (RFC 9113 3.2). */
const overTls = "h2";

/**
 * One call of grpc.health.v1.Health/Check under one deadline, from connect to the trailers. Calls `done` once, not from within,
 * and not after the returned function, which ends the call and its connection at once.
 */
export function startGrpcExchange(options: GrpcExchangeOptions, done: (ending: Ending) => void): () => void {
  const { connect, service, timeoutMs, trace } = options;
  const settings = tlsSettings(options);
  const startedMs = performance.now();
  let open = true;
  let phase: Phase = "connect";
  let secured: tls.TLSSocket | null = null;
  let session: http2.ClientHttp2Session | null = null;
  let findings: Findings = {};

  const failed = (error: NodeJS.ErrnoException) => fail(reasonOfError(error));
  const closeConnection = openConnection(connect, options.nativeConnect, { connected, failed });
  const cancelDeadline = startDeadline(timeoutMs, () => fail({ kind: "deadline", phase, afterMs: timeoutMs }));
  return end;

  function connected(socket: net.Socket): void {
    socket.on("error", failed);
    trace?.({ kind: "connected", from: sourceOf(socket) });
    if (settings === null) call(socket);
    else secure(socket, settings);
  }

  function secure(socket: net.Socket, settings: TlsSettings): void {
    phase = "tls";
    const started = startTls(socket, settings);
    if (!started.ok) {
      fail(started.reason);
      return;
    }
    const stream = started.secured;
    secured = stream;
    stream.on("error", failed);
    stream.once("secureConnect", () => {
      trace?.({ kind: "secured", tls: tlsFacts(stream) });
      const judged = judgeCertificate(stream, settings);
      if (!judged.ok) return fail(judged.reason);
      if (judged.expiryEpochMs !== null) findings = { certificateExpiryEpochMs: judged.expiryEpochMs };
      if (stream.alpnProtocol === overTls) call(stream);
      else fail({ kind: "tls", detail: "the server does not offer h2" });
    });
  }

  function call(socket: net.Socket): void {
    if (!open) return;
    phase = "request";
    const authority = options.authority ?? authorityOf(connect);
    session = http2.connect(`http://${authority}`, { createConnection: () => socket, settings: { enablePush: false } });
    session.on("error", failed);
    session.once("close", () => fail({ kind: "closed", phase }));
    const request = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Check",
      ":scheme": settings === null ? "http" : "https",
      ":authority": authority,
      "content-type": "application/grpc",
      te: "trailers",
      "user-agent": "lbctl",
    });
    const pieces: Buffer[] = [];
    let bytes = 0;
    let status: http2.IncomingHttpHeaders = {};
    request.on("error", failed);
    request.once("response", (headers) => {
      phase = "body";
      status = headers;
      const got = Number(headers[":status"]);
      if (got !== 200) fail({ kind: "status", got, wanted: [{ from: 200, to: 200 }] });
    });
    request.on("trailers", (trailers) => {
      status = { ...status, ...trailers };
    });
    request.on("data", (piece: Buffer) => {
      trace?.({ kind: "received", bytes: piece });
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > maxHealthAnswerBytes) fail({ kind: "too_large", limitBytes: maxHealthAnswerBytes });
    });
    request.once("end", () => {
      // Also what a connection that closes under way ends with.
      const cut = status["grpc-status"] === undefined && (session?.destroyed || session?.closed || socket.destroyed);
      if (phase === "request" || cut) return fail({ kind: "closed", phase });
      const judged = judgeCall(status, Buffer.concat(pieces), service);
      if (judged.ok) finish({ ok: true, findings });
      else fail(judged.reason);
    });
    const question = encodeHealthRequest(service);
    trace?.({ kind: "sent", bytes: question });
    request.end(question);
  }

  function reasonOfError(error: NodeJS.ErrnoException): Reason {
    const code = error.code ?? "";
    if (code.startsWith("ERR_HTTP2_"))
      return { kind: "malformed", protocol: "gRPC", detail: `HTTP/2: ${error.message}` };
    const ofTls = secured === null ? null : tlsReasonOf(error, phase === "tls");
    return ofTls ?? reasonOf(error, phase, performance.now() - startedMs);
  }

  function fail(reason: Reason): void {
    finish({ ok: false, reason });
  }

  function finish(ending: Ending): void {
    if (!open) return;
    end();
    done(ending);
  }

  function end(): void {
    open = false;
    cancelDeadline();
    // Errors that come after the verdict concern nobody: the listeners stay, and find it closed.
    session?.destroy();
    secured?.on("error", () => {}).destroy();
    closeConnection();
  }
}

/** What gRPC says of the call (grpc-status), then what the answer says of the service. */
function judgeCall(headers: http2.IncomingHttpHeaders, body: Buffer, service: string) {
  const status = headers["grpc-status"];
  if (status === undefined || !/^[0-9]{1,4}$/.test(String(status))) {
    const detail = "an answer without grpc-status";
    return { ok: false, reason: { kind: "malformed", protocol: "gRPC", detail } } as const;
  }
  const code = Number(status);
  if (code === 0) return judgeHealthAnswer(body, service);
  return { ok: false, reason: { kind: "grpc_status", code, message: messageOf(headers), service } } as const;
}

/** Percent-encoded (gRPC over HTTP/2, Status-Message). */
function messageOf(headers: http2.IncomingHttpHeaders): string {
  const text = String(headers["grpc-message"] ?? "").slice(0, 200);
  try {
    return decodeURIComponent(text).replace(/\p{Cc}/gu, "?");
  } catch {
    return text;
  }
}

function tlsSettings({ tls: options, authority }: GrpcExchangeOptions): TlsSettings | null {
  if (options === null) return null;
  const hostName = options.serverName ?? authority?.replace(/:[0-9]+$/, "") ?? null;
  return { options, serverName: options.serverName, hostName, compliant: false, applicationProtocol: overTls };
}

function authorityOf({ address, port }: ConnectOptions): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
