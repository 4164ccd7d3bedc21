import type net from "node:net";
import { performance } from "node:perf_hooks";
import type tls from "node:tls";
import type { ConnectOptions } from "../check.ts";
import type { Dialogue, DialogueStep } from "../dialogue.ts";
import type { Trace } from "../trace.ts";
import type { Findings, Phase, Reason } from "../verdict.ts";
import { type NativeConnect, openConnection } from "./connect.ts";
import { startDeadline } from "./deadline.ts";
import { reasonOf } from "./errors.ts";
import { sourceOf, tlsFacts } from "./facts.ts";
import { judgeCertificate, startTls, type TlsSettings, tlsReasonOf } from "./tls-client.ts";

/** How an exchange ended. */
export type Ending =
  | { readonly ok: true; readonly findings: Findings }
  | { readonly ok: false; readonly reason: Reason };

export interface ExchangeOptions {
  readonly connect: ConnectOptions;
  /** Null: the connection is as it is. */
  readonly tls: TlsSettings | null;
  readonly timeoutMs: number;
  readonly dialogue: Dialogue;
  readonly nativeConnect: NativeConnect;
  readonly trace?: Trace | undefined;
}

/**
 * One exchange with a server under one deadline, from connect to the last byte. Calls `done` once, not from within, and not
 * after the returned function, which ends the exchange and its socket at once.
 */
export function startExchange(options: ExchangeOptions, done: (ending: Ending) => void): () => void {
  const { dialogue, timeoutMs, trace } = options;
  const startedMs = performance.now();
  let stage: "connect" | "tls" | "dialogue" = "connect";
  let secured: tls.TLSSocket | null = null;
  let findings: Findings = {};

  const phase = (): Phase => (stage === "dialogue" ? dialogue.phase : stage);
  const failed = (error: NodeJS.ErrnoException) => {
    const ofTls = secured === null ? null : tlsReasonOf(error, stage === "tls");
    // A connection the peer aborts between its SYN and our accept of it shows as a reset while connecting: it refuses.
    fail(ofTls ?? reasonOf(error, phase(), performance.now() - startedMs));
  };
  const take = (stream: net.Socket, step: DialogueStep) => {
    if (step === null || !open) return;
    if ("send" in step) {
      trace?.({ kind: "sent", bytes: Buffer.from(step.send, "latin1") });
      stream.write(step.send, "latin1");
      if (step.ok) finish({ ok: true, findings });
    } else if (step.ok) finish({ ok: true, findings: { ...findings, ...step.findings } });
    else fail(step.reason);
  };
  const converse = (stream: net.Socket) => {
    stage = "dialogue";
    stream.on("data", (bytes) => {
      trace?.({ kind: "received", bytes });
      take(stream, dialogue.push(bytes));
    });
    stream.on("end", () => {
      trace?.({ kind: "closed" });
      take(stream, dialogue.end());
    });
    take(stream, dialogue.connected());
  };
  const secure = (socket: net.Socket, settings: TlsSettings) => {
    stage = "tls";
    const started = startTls(socket, settings);
    if (!started.ok) return fail(started.reason);
    secured = started.secured;
    secured.on("error", failed);
    secured.once("secureConnect", () => {
      trace?.({ kind: "secured", tls: tlsFacts(started.secured) });
      const judged = judgeCertificate(started.secured, settings);
      if (!judged.ok) return fail(judged.reason);
      if (judged.expiryEpochMs !== null) findings = { certificateExpiryEpochMs: judged.expiryEpochMs };
      converse(started.secured);
    });
  };
  const connected = (socket: net.Socket) => {
    socket.on("error", failed);
    trace?.({ kind: "connected", from: sourceOf(socket) });
    if (options.tls === null) converse(socket);
    else secure(socket, options.tls);
  };

  let open = true;
  const closeConnection = openConnection(options.connect, options.nativeConnect, { connected, failed });
  const cancelDeadline = startDeadline(timeoutMs, () => {
    const unfinished = stage === "dialogue" ? (dialogue.unfinished?.() ?? null) : null;
    fail(unfinished ?? { kind: "deadline", phase: phase(), afterMs: timeoutMs });
  });
  return end;

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
    if (secured !== null && options.tls?.compliant && stage === "dialogue") endTls(secured, closeConnection);
    else {
      // An error that comes after the verdict concerns nobody.
      secured?.on("error", () => {}).destroy();
      closeConnection();
    }
  }
}

/** Tells the server, then closes. The notice waits for no answer: it is handed to the kernel and that is all. */
function endTls(secured: tls.TLSSocket, closeConnection: () => void): void {
  secured.on("error", () => {});
  secured.once("close", closeConnection);
  secured.end(() => secured.destroy());
}
