import type net from "node:net";
import { performance } from "node:perf_hooks";
import type { ConnectOptions } from "../check.ts";
import type { Phase, Reason } from "../verdict.ts";
import { type NativeConnect, openConnection } from "./connect.ts";
import { startDeadline } from "./deadline.ts";
import { reasonOf } from "./errors.ts";

/** What happens on a connection once it stands. */
export interface Dialogue {
  /** Sent as soon as connected; null when the connection alone is the answer. */
  readonly request: string | null;
  readonly phase: Phase;
  /** The outcome, or null while more is needed. */
  push(bytes: Uint8Array): DialogueOutcome;
  end(): DialogueOutcome;
}

export type DialogueOutcome = null | { readonly ok: true } | { readonly ok: false; readonly reason: Reason };

export interface ExchangeOptions {
  readonly connect: ConnectOptions;
  readonly timeoutMs: number;
  readonly dialogue: Dialogue;
  readonly nativeConnect: NativeConnect;
}

/**
 * One exchange with a server under one deadline, from connect to the last byte. Calls `done` once, with null when it went
 * well; not from within, and not after the returned function, which ends the exchange and its socket at once.
 */
export function startExchange(options: ExchangeOptions, done: (reason: Reason | null) => void): () => void {
  const { dialogue, timeoutMs } = options;
  const startedMs = performance.now();
  let phase: Phase = "connect";

  const currentPhase = () => (phase === "connect" ? phase : dialogue.phase);
  const failed = (error: NodeJS.ErrnoException) => {
    // A connection the peer aborts between its SYN and our accept of it shows as a reset while connecting: it refuses.
    finish(reasonOf(error, currentPhase(), performance.now() - startedMs));
  };
  const settle = (outcome: DialogueOutcome) => {
    if (outcome) finish(outcome.ok ? null : outcome.reason);
  };
  const connected = (socket: net.Socket) => {
    phase = "request";
    if (dialogue.request === null) return finish(null);
    socket.on("error", failed);
    socket.on("data", (bytes) => settle(dialogue.push(bytes)));
    socket.on("end", () => settle(dialogue.end()));
    socket.write(dialogue.request, "latin1");
  };

  const closeConnection = openConnection(options.connect, options.nativeConnect, { connected, failed });
  const cancelDeadline = startDeadline(timeoutMs, () =>
    finish({ kind: "deadline", phase: currentPhase(), afterMs: timeoutMs }),
  );
  let open = true;
  return end;

  function finish(reason: Reason | null): void {
    if (!open) return;
    end();
    done(reason);
  }

  function end(): void {
    open = false;
    cancelDeadline();
    closeConnection();
  }
}
