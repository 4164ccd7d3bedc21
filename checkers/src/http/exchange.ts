import { createHash, type Hash, hash } from "node:crypto";
import { AgentConversation } from "../agent/agent-conversation.ts";
import type { Url } from "../check.ts";
import type { Findings, Phase, Reason } from "../verdict.ts";
import { compileBodyPattern } from "./body-pattern.ts";
import { type BodySink, defaultLimits, type ResponseLimits, ResponseParser } from "./parser.ts";

/** null: more bytes are needed. */
export type ExchangeOutcome = null | Judged;

type Judged = { readonly ok: true; readonly findings?: Findings } | { readonly ok: false; readonly reason: Reason };

/**
 * Judges the response to one url, whatever transport its bytes come by. A wrong status is known before the body; anything
 * else needs the whole body, since a server that does not finish its answer is not up. The digest is computed as it streams.
 */
export class HttpExchange implements BodySink {
  readonly #url: Url;
  readonly #parser: ResponseParser;
  /** Digests a body of several pieces. */
  #content: Hash | null = null;
  /** The first piece, as long as there is no other: its octets are valid until `push` returns. */
  #onlyPiece: Uint8Array | null = null;
  readonly #agent: AgentConversation | null;
  /** What the agent said, once its line is complete. */
  #said: Judged | null = null;
  #framed: Hash | null = null;
  /** The body, when it is to be searched. */
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #outcome: ExchangeOutcome = null;

  constructor(url: Url, limits: ResponseLimits = defaultLimits) {
    this.#url = url;
    this.#parser = new ResponseParser(this, limits);
    this.#agent = url.agentBody ? new AgentConversation() : null;
  }

  get phase(): Phase {
    return this.#parser.phase;
  }

  /** Takes the next bytes; nothing changes once the outcome is known. */
  push(bytes: Uint8Array): ExchangeOutcome {
    if (this.#outcome === null) {
      this.#parser.push(bytes);
      this.#outcome = this.#judge();
      if (this.#onlyPiece !== null) this.#digestPieces();
    }
    return this.#outcome;
  }

  /** The peer closed its side. Never null. */
  end(): ExchangeOutcome {
    if (this.#outcome === null) {
      this.#parser.end();
      this.#outcome = this.#judge();
    }
    return this.#outcome;
  }

  onContent(bytes: Uint8Array): void {
    this.#digest(bytes);
    if (this.#said === null && this.#agent !== null) this.#said = this.#agent.push(bytes);
    if (this.#url.regex === undefined) return;
    this.#keptBytes += bytes.length;
    if (this.#keptBytes <= searchedBytes) this.#kept.push(Buffer.from(bytes));
  }

  /** A body that comes in one piece, as most do, needs no state, which would cost as much again. */
  #digest(bytes: Uint8Array): void {
    if (this.#url.digest === null) return;
    if (this.#content === null && this.#onlyPiece === null) this.#onlyPiece = bytes;
    else this.#digestPieces().update(bytes);
  }

  #digestPieces(): Hash {
    this.#content ??= createHash(algorithm(this.#url.digest ?? ""));
    if (this.#onlyPiece !== null) this.#content.update(this.#onlyPiece);
    this.#onlyPiece = null;
    return this.#content;
  }

  onFramed(bytes: Uint8Array): void {
    if (this.#url.digest?.length !== md5Digits) return;
    this.#framed ??= createHash("md5");
    this.#framed.update(bytes);
  }

  #judge(): ExchangeOutcome {
    const { failure, statusCode, done } = this.#parser;
    if (statusCode !== null && !accepts(this.#url, statusCode)) {
      return { ok: false, reason: { kind: "status", got: statusCode, wanted: this.#url.statusCode } };
    }
    if (failure) return { ok: false, reason: failure };
    if (this.#keptBytes > searchedBytes) return { ok: false, reason: { kind: "too_large", limitBytes: searchedBytes } };
    if (!done) return null;
    const digest = this.#judgeDigest();
    if (!digest.ok) return digest;
    const text = this.#judgeText();
    return text.ok && this.#agent !== null ? (this.#said ?? this.#agent.end()) : text;
  }

  #judgeText(): Judged {
    const { regex } = this.#url;
    if (regex === undefined) return { ok: true };
    const pattern = compileBodyPattern(regex);
    const matched = pattern.ok && pattern.search(Buffer.concat(this.#kept));
    if (matched !== regex.noMatch) return { ok: true };
    return { ok: false, reason: { kind: "regex", regex: regex.regex, matched } };
  }

  #judgeDigest(): Judged {
    const wanted = this.#url.digest?.toLowerCase();
    if (wanted === undefined) return { ok: true };
    const got = this.#content?.digest("hex") ?? hash(algorithm(wanted), this.#onlyPiece ?? nothing, "hex");
    this.#onlyPiece = null;
    // keepalived's genhash digests a chunked body with its framing: digests of existing configurations stay valid.
    if (got === wanted || this.#framed?.digest("hex") === wanted) return { ok: true };
    return { ok: false, reason: { kind: "digest", got, wanted } };
  }
}

const md5Digits = 32;
const nothing = new Uint8Array(0);

/** A body that is searched may be this large: the search is linear, and the process has other things to do. */
const searchedBytes = 1024 * 1024;

function algorithm(digest: string): "md5" | "sha1" {
  return digest.length === md5Digits ? "md5" : "sha1";
}

function accepts({ statusCode }: Url, status: number): boolean {
  return statusCode.length === 0 || statusCode.some(({ from, to }) => from <= status && status <= to);
}
