import type { Phase, Reason } from "../verdict.ts";

/** What to do next; null: wait for more of the server. */
export type SmtpStep =
  | null
  | { readonly ok: true }
  | { readonly send: string }
  | { readonly ok: false; readonly reason: Reason };

/** The commands of a check and the reply code that each must have (RFC 5321 4.2, 4.3.2); null is the greeting. */
const script = [
  { command: null, wanted: 220 },
  { command: "HELO", wanted: 250 },
  { command: "QUIT", wanted: 221 },
] as const;

/** What a greeting or a reply may cost in octets, all its lines together. */
const maxReplyBytes = 64 * 1024;

/**
 * One SMTP session that greets and takes its leave: 220, HELO, 250, QUIT, 221. Replies may have several lines, in pieces of
 * any size. A server that closes instead of answering QUIT has done its part.
 */
export class SmtpConversation {
  readonly #heloName: string;
  #at = 0;
  #line = "";
  #bytes = 0;
  #outcome: SmtpStep = null;

  constructor(heloName: string) {
    this.#heloName = heloName;
  }

  get phase(): Phase {
    return this.#at === 0 ? "greeting" : "reply";
  }

  push(bytes: Uint8Array): SmtpStep {
    if (this.#outcome !== null) return this.#outcome;
    this.#bytes += bytes.length;
    this.#line += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    for (let end = this.#line.indexOf("\n"); end >= 0; end = this.#line.indexOf("\n")) {
      const line = this.#line.slice(0, end).replace(/\r$/, "");
      this.#line = this.#line.slice(end + 1);
      const step = this.#takeLine(line);
      if (step !== null) return step;
    }
    if (this.#bytes <= maxReplyBytes) return null;
    return this.#fail({ kind: "too_large", limitBytes: maxReplyBytes });
  }

  end(): SmtpStep {
    if (this.#outcome !== null) return this.#outcome;
    if (script[this.#at]?.command === "QUIT") this.#outcome = { ok: true };
    else this.#fail({ kind: "closed", phase: this.phase });
    return this.#outcome;
  }

  #takeLine(line: string): SmtpStep {
    const { command, wanted } = script[this.#at] as (typeof script)[number];
    const match = /^([2-5][0-9]{2})(?:([ -])|$)/.exec(line);
    if (match === null) {
      const detail = `${command === null ? "greeting" : `reply to ${command}`} "${excerpt(line)}"`;
      return this.#fail({ kind: "malformed", protocol: "SMTP", detail });
    }
    if (Number(match[1]) !== wanted) return this.#fail({ kind: "reply", to: command, got: excerpt(line), wanted });
    if (match[2] === "-") return null;
    this.#at += 1;
    this.#bytes = this.#line.length;
    const next = script[this.#at]?.command;
    if (next === undefined) {
      this.#outcome = { ok: true };
      return this.#outcome;
    }
    // Commands wait for their reply (RFC 5321 4.3.1): what came before it is of no use.
    this.#line = "";
    return { send: next === "HELO" ? `HELO ${this.#heloName}\r\n` : `${next}\r\n` };
  }

  #fail(reason: Reason): SmtpStep {
    this.#outcome = { ok: false, reason };
    return this.#outcome;
  }
}

function excerpt(line: string): string {
  const printable = line.replace(/[^\x20-\x7e]/g, "?");
  return printable.length > 60 ? `${printable.slice(0, 60)}...` : printable;
}
