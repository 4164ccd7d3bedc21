import type { Phase, Reason } from "./verdict.ts";

/** What happens on a connection once it stands. Each step is what to send, the outcome, or null while more is needed. */
export interface Dialogue {
  readonly phase: Phase;
  connected(): DialogueStep;
  push(bytes: Uint8Array): DialogueStep;
  /** The peer closed its side. */
  end(): DialogueStep;
}

export type DialogueStep =
  | null
  | { readonly send: string }
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: Reason };
