import { describeReason, formatDuration, type Phase, type Reason, reasonOf } from "@lbctl/checkers";
import { errors } from "undici";

/**
 * Why there is no digest.
 * - `resolve`: the server's name has no address.
 * - `connect`: no connection (see the message).
 * - `tls`: the TLS handshake failed.
 * - `timeout`: the exchange was not complete in time.
 * - `answer`: the server closed, reset, or did not speak HTTP.
 */
export type GenhashErrorCode = "resolve" | "connect" | "tls" | "timeout" | "answer";

/** The page could not be fetched. The message says what and why, the hint what to do next. */
export class GenhashError extends Error {
  override readonly name = "GenhashError";
  readonly code: GenhashErrorCode;
  readonly hint: string;

  constructor(code: GenhashErrorCode, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** Longest header section that is read. */
export const maxHeaderBytes = 64 * 1024;

/** How far the exchange came. */
export type Step = "connect" | "handshake" | "request" | "body";

const hints: Record<GenhashErrorCode, string> = {
  resolve: "give the address of the server, or check its name",
  connect: "check address, port and route (--server, --port, --fwmark), and that the server listens there",
  tls: "check that this port speaks TLS (else leave out --use-ssl); some servers want a name: --use-sni -V NAME",
  timeout: "check the server, or give it more time with --timeout",
  answer: "check the server's log, and that this port speaks HTTP (with --use-ssl for HTTPS)",
};

/** An error of undici, of a socket or of TLS as ours. `page` names what was fetched. */
export function genhashError(error: unknown, page: string, step: Step, afterMs: number): GenhashError {
  const cause = error instanceof Error ? (error as NodeJS.ErrnoException) : new Error(String(error));
  if (step === "handshake") return make("tls", page, `TLS handshake failed (${cause.message.trim().split("\n")[0]})`);
  const reason = ofUndici(cause, step) ?? reasonOf(cause, step, afterMs);
  return make(step === "connect" ? "connect" : "answer", page, describeReason(reason));
}

export function deadlineError(page: string, step: Step, timeoutMs: number): GenhashError {
  if (step === "handshake") return make("tls", page, `TLS handshake not complete within ${formatDuration(timeoutMs)}`);
  return make("timeout", page, describeReason({ kind: "deadline", phase: step, afterMs: timeoutMs }));
}

export function resolveError(server: string, code: string): GenhashError {
  return make("resolve", server, `no address for this name (${code})`);
}

function make(code: GenhashErrorCode, where: string, why: string): GenhashError {
  return new GenhashError(code, `${where}: ${why}`, hints[code]);
}

/** Null when it is a system error. */
function ofUndici(error: NodeJS.ErrnoException, phase: Phase): Reason | null {
  if (error instanceof errors.HTTPParserError) {
    return { kind: "malformed", detail: /\((.+)\)$/.exec(error.message)?.[1] ?? error.message };
  }
  if (error instanceof errors.HeadersOverflowError) return { kind: "too_large", limitBytes: maxHeaderBytes };
  return error instanceof errors.UndiciError ? { kind: "closed", phase } : null;
}
