import type { BodyPattern, ExpectedAnswer, ExpectStep } from "../check.ts";
import { excerpt } from "../excerpt.ts";
import { compileBodyPattern } from "../http/body-pattern.ts";
import type { Phase, Reason } from "../verdict.ts";

/** What to do next; null: wait for more of the server. With `ok` beside `send` nothing is waited for any more. */
export type ExpectMove =
  | null
  | { readonly send: string; readonly ok?: true }
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: Reason };

/** An answer in which nothing was found within this many octets is another one. */
export const maxAnswerBytes = 16 * 1024;

/** The turns of TCP_EXPECT, from bytes in pieces of any size. What came before a match, and the match, are behind us then. */
export class ExpectConversation {
  readonly #steps: readonly ExpectStep[];
  #at = 0;
  #sent = false;
  #received = "";

  constructor(steps: readonly ExpectStep[]) {
    this.#steps = steps;
  }

  get phase(): Phase {
    return this.#at === 0 && !this.#sent ? "greeting" : "reply";
  }

  connected(): ExpectMove {
    return this.#advance();
  }

  push(bytes: Uint8Array): ExpectMove {
    this.#received += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    const move = this.#advance();
    if (move !== null || this.#received.length <= maxAnswerBytes) return move;
    return { ok: false, reason: this.#mismatch() };
  }

  end(): ExpectMove {
    return { ok: false, reason: this.unfinished() ?? { kind: "closed", phase: this.phase } };
  }

  /** What was wrong so far, when nothing more comes; null: nothing came at all. */
  unfinished(): Reason | null {
    return this.#received === "" ? null : this.#mismatch();
  }

  #advance(): ExpectMove {
    let send = "";
    for (let step = this.#steps[this.#at]; step !== undefined; step = this.#steps[this.#at]) {
      if (!this.#sent) {
        send += step.send ?? "";
        this.#sent = step.send !== null;
      }
      const end = step.expect === null ? 0 : endOfMatch(step.expect, this.#received);
      if (end === null) return send === "" ? null : { send };
      this.#received = this.#received.slice(end);
      this.#at += 1;
      this.#sent = false;
    }
    return send === "" ? { ok: true } : { send, ok: true };
  }

  #mismatch(): Reason {
    const expected = this.#steps[this.#at]?.expect ?? null;
    const wanted = expected === null ? "nothing" : describeExpected(expected);
    return { kind: "expect", got: excerpt(this.#received), wanted };
  }
}

export function describeExpected(expected: ExpectedAnswer): string {
  return expected.kind === "text" ? `"${excerpt(expected.octets)}"` : `a match of "${expected.regex}"`;
}

function endOfMatch(expected: ExpectedAnswer, received: string): number | null {
  if (expected.kind === "text") {
    const start = received.indexOf(expected.octets);
    return start < 0 ? null : start + expected.octets.length;
  }
  const compiled = compileBodyPattern(patternOf(expected));
  return compiled.ok ? (compiled.find(Buffer.from(received, "latin1"))?.end ?? null) : null;
}

const patterns = new WeakMap<ExpectedAnswer, BodyPattern>();

/** The regular expression as one of a body, which is compiled once. */
export function patternOf(expected: Extract<ExpectedAnswer, { kind: "regex" }>): BodyPattern {
  let pattern = patterns.get(expected);
  if (pattern === undefined) {
    pattern = { regex: expected.regex, noMatch: false, options: [], minOffset: 0, maxOffset: null };
    patterns.set(expected, pattern);
  }
  return pattern;
}
