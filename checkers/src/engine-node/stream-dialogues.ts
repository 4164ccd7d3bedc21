import { AgentConversation } from "../agent/agent-conversation.ts";
import type { ExpectStep } from "../check.ts";
import type { Dialogue } from "../dialogue.ts";
import { ExpectConversation } from "../expect/expect-conversation.ts";
import { SmtpConversation } from "../smtp/conversation.ts";

/** A connection is all that TCP_CHECK asks for. */
export const connectOnly: Dialogue = {
  phase: "connect",
  connected: () => ({ ok: true }),
  push: () => ({ ok: true }),
  end: () => ({ ok: true }),
};

export function smtpDialogue(heloName: string): Dialogue {
  const conversation = new SmtpConversation(heloName);
  return {
    get phase() {
      return conversation.phase;
    },
    connected: () => null,
    push: (bytes) => conversation.push(bytes),
    end: () => conversation.end(),
  };
}

export function expectDialogue(steps: readonly ExpectStep[]): Dialogue {
  const conversation = new ExpectConversation(steps);
  return {
    get phase() {
      return conversation.phase;
    },
    connected: () => conversation.connected(),
    push: (bytes) => conversation.push(bytes),
    end: () => conversation.end(),
    unfinished: () => conversation.unfinished(),
  };
}

export function agentDialogue(send: string | null): Dialogue {
  const conversation = new AgentConversation();
  return {
    phase: conversation.phase,
    connected: () => (send === null ? null : { send }),
    push: (bytes) => conversation.push(bytes),
    end: () => conversation.end(),
  };
}
