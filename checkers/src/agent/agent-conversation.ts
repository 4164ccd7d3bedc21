import type { Phase } from "../verdict.ts";
import { type AgentJudged, judgeAgentLine, maxAgentLineBytes } from "./agent-line.ts";

/** One line of an agent, from bytes in pieces of any size. A line that ends with the connection is one, too. */
export class AgentConversation {
  readonly phase: Phase = "reply";
  #text = "";

  /** Null: more is needed. */
  push(bytes: Uint8Array): AgentJudged | null {
    this.#text += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    const end = this.#text.search(/[\r\n]/);
    if (end >= 0 && end <= maxAgentLineBytes) return judgeAgentLine(this.#text.slice(0, end));
    if (this.#text.length <= maxAgentLineBytes) return null;
    return { ok: false, reason: { kind: "too_large", limitBytes: maxAgentLineBytes } };
  }

  end(): AgentJudged {
    if (this.#text === "") return { ok: false, reason: { kind: "closed", phase: "reply" } };
    return judgeAgentLine(this.#text);
  }
}
