import type { Phase, Reason } from "../verdict.ts";
import { HeaderSection } from "./headers.ts";

/** What a response may cost. */
export interface ResponseLimits {
  /** Status line, headers and trailers, interim (1xx) responses included. */
  readonly headerBytes: number;
  readonly bodyBytes: number;
}

export const defaultLimits: ResponseLimits = { headerBytes: 64 * 1024, bodyBytes: 16 * 1024 * 1024 };

export interface BodySink {
  /** The body itself, chunked framing removed. */
  onContent(bytes: Uint8Array): void;
  /** A chunked body as it came, framing included. Not called for other bodies. */
  onFramed(bytes: Uint8Array): void;
}

type State =
  | "status-line"
  | "headers"
  | "sized"
  | "until-close"
  | "chunk-size"
  | "chunk"
  | "chunk-end"
  | "trailers"
  | "done"
  | "failed";

/** Longest chunk size line, extensions included. */
const maxChunkLine = 4096;

/**
 * Push parser of one HTTP/1.x response to a GET (RFC 9112): status line, headers, bodies by length, chunked or until close;
 * interim responses are skipped. Never throws: it ends as `done` or with a `failure`.
 */
export class ResponseParser {
  #statusCode: number | null = null;
  #failure: Reason | null = null;
  #state: State = "status-line";
  #begun = false;
  #headComplete = false;
  #line = "";
  #section = new HeaderSection();
  #headerBytes = 0;
  #bodyBytes = 0;
  /** Bytes still to come of the sized body or of the current chunk. */
  #remaining = 0;
  readonly #sink: BodySink;
  readonly #limits: ResponseLimits;

  constructor(sink: BodySink, limits: ResponseLimits = defaultLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** Of the final response, once its headers are complete. */
  get statusCode(): number | null {
    return this.#headComplete ? this.#statusCode : null;
  }

  get failure(): Reason | null {
    return this.#failure;
  }

  /** The whole response is in. */
  get done(): boolean {
    return this.#state === "done";
  }

  /** What the peer owes: its first byte, the rest of the headers, or of the body. */
  get phase(): Phase {
    if (this.#headComplete) return "body";
    return this.#begun ? "headers" : "request";
  }

  /** Takes the next bytes. What follows the end of the response, or a failure, is ignored. */
  push(bytes: Uint8Array): void {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (chunk.length > 0) this.#begun = true;
    let framedFrom = this.#isChunked() ? 0 : null;
    let at = 0;
    while (at < chunk.length && this.#state !== "done" && this.#state !== "failed") {
      at = this.#isInBody() ? this.#takeBody(chunk, at) : this.#takeLine(chunk, at);
      if (framedFrom === null && this.#isChunked()) framedFrom = at;
    }
    if (framedFrom !== null && framedFrom < at) this.#sink.onFramed(chunk.subarray(framedFrom, at));
  }

  /** The peer closed its side: the end of a body that lasts until then, too early for anything else. */
  end(): void {
    if (this.#state === "until-close") this.#state = "done";
    else if (this.#state !== "done" && this.#state !== "failed") this.#fail({ kind: "closed", phase: this.phase });
  }

  #isChunked(): boolean {
    const state = this.#state;
    return state === "chunk-size" || state === "chunk" || state === "chunk-end" || state === "trailers";
  }

  #isInBody(): boolean {
    return this.#state === "sized" || this.#state === "until-close" || this.#state === "chunk";
  }

  /** Consumes up to and with the next LF and returns the position after it. A bare LF ends a line too (RFC 9112 2.2). */
  #takeLine(chunk: Buffer, from: number): number {
    const lineFeed = chunk.indexOf(10, from);
    const to = lineFeed === -1 ? chunk.length : lineFeed;
    const next = lineFeed === -1 ? to : to + 1;
    if (!this.#hasRoomFor(next - from)) return next;
    this.#line += chunk.toString("latin1", from, to);
    if (lineFeed !== -1) {
      const line = this.#line.endsWith("\r") ? this.#line.slice(0, -1) : this.#line;
      this.#line = "";
      this.#state = this.#endLine(line);
    }
    return next;
  }

  #hasRoomFor(bytes: number): boolean {
    if (this.#state === "chunk-size" || this.#state === "chunk-end") {
      if (this.#line.length + bytes > maxChunkLine) this.#malformed("chunk size line too long");
    } else {
      this.#headerBytes += bytes;
      if (this.#headerBytes > this.#limits.headerBytes) this.#tooLarge(this.#limits.headerBytes);
    }
    return this.#failure === null;
  }

  /** The state after this line. */
  #endLine(line: string): State {
    switch (this.#state) {
      case "status-line":
        return this.#endStatusLine(line);
      case "headers":
        if (line === "") return this.#endHeaders(this.#statusCode as number);
        return this.#section.add(line) ? "headers" : this.#malformed(`header line ${quote(line)}`);
      case "chunk-size":
        return this.#endChunkSize(line);
      case "chunk-end":
        return line === "" ? "chunk-size" : this.#malformed("chunk longer than its size");
      default:
        return line === "" ? "done" : "trailers";
    }
  }

  #endStatusLine(line: string): State {
    const match = /^HTTP\/1\.[0-9] +([1-9][0-9][0-9])(?: .*)?$/.exec(line);
    if (!match) return this.#malformed(`status line ${quote(line)}`);
    this.#statusCode = Number(match[1]);
    this.#section = new HeaderSection();
    return "headers";
  }

  #endHeaders(status: number): State {
    // 101 answers an Upgrade that we never send: it is no interim response but the final one.
    if (status < 200 && status !== 101) return "status-line";
    this.#headComplete = true;
    if (status === 101 || status === 204 || status === 304) return "done";
    const length = this.#section.bodyLength();
    switch (length.kind) {
      case "chunked":
        return "chunk-size";
      case "until-close":
        return "until-close";
      case "invalid":
        return this.#malformed(length.detail);
      case "sized":
        if (length.bytes > this.#limits.bodyBytes) return this.#tooLarge(this.#limits.bodyBytes);
        this.#remaining = length.bytes;
        return length.bytes === 0 ? "done" : "sized";
    }
  }

  #endChunkSize(line: string): State {
    const match = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line);
    if (!match) return this.#malformed(`chunk size ${quote(line)}`);
    this.#remaining = Number.parseInt(match[1] as string, 16);
    return this.#remaining === 0 ? "trailers" : "chunk";
  }

  #takeBody(chunk: Buffer, from: number): number {
    const untilClose = this.#state === "until-close";
    const to = untilClose ? chunk.length : Math.min(chunk.length, from + this.#remaining);
    this.#bodyBytes += to - from;
    if (this.#bodyBytes > this.#limits.bodyBytes) {
      this.#tooLarge(this.#limits.bodyBytes);
      return to;
    }
    this.#sink.onContent(chunk.subarray(from, to));
    if (!untilClose) this.#remaining -= to - from;
    if (!untilClose && this.#remaining === 0) this.#state = this.#state === "sized" ? "done" : "chunk-end";
    return to;
  }

  #tooLarge(limitBytes: number): State {
    return this.#fail({ kind: "too_large", limitBytes });
  }

  #malformed(detail: string): State {
    return this.#fail({ kind: "malformed", detail });
  }

  #fail(reason: Reason): State {
    this.#failure = reason;
    this.#state = "failed";
    return "failed";
  }
}

/** A short, printable excerpt of what the peer sent. */
function quote(line: string): string {
  const shown = line.length > 60 ? `${line.slice(0, 60)}...` : line;
  return JSON.stringify(shown.replace(/[\x7f-\xff]/g, "?"));
}
