import type { Findings, Phase, Reason } from "./verdict.ts";

/** What happens on a connection once it stands. Each step is what to send, the outcome, or null while more is needed. */
export interface Dialogue {
  readonly phase: Phase;
  connected(): DialogueStep;
  push(bytes: Uint8Array): DialogueStep;
  /** The peer closed its side. */
  end(): DialogueStep;
  /** Why it failed when the deadline passes, where that says more than that it passed; null: it does not. */
  unfinished?(): Reason | null;
}

export type DialogueStep =
  | null
  /** With `ok` the outcome does not wait for an answer. */
  | { readonly send: string; readonly ok?: true }
  | { readonly ok: true; readonly findings?: Findings }
  | { readonly ok: false; readonly reason: Reason };
