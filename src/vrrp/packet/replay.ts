import { type AntiReplay, aheadOfClockMs, isAfter, type Sequence } from "./sequence.ts";

/** What a receiver remembers of signed adverts: the last sequence of each sender, the latest sender first. */
export type ReplayState = readonly { readonly source: string; readonly sequence: Sequence }[];

/** Senders remembered of a multicast group. Only who knows a key gets into the list. */
export const REMEMBERED_SENDERS = 8;

export type ReplayVerdict =
  | { readonly ok: true; readonly state: ReplayState }
  | { readonly ok: false; readonly kind: "hmac-replayed" }
  | { readonly ok: false; readonly kind: "hmac-outside-window"; readonly aheadMs: number };

export interface ReplayRules {
  readonly antiReplay: AntiReplay;
  /** How far a sender's clock may be from ours; for `time` only. */
  readonly timeWindowMs: number;
  /** Senders to remember; the least recently heard is forgotten. */
  readonly capacity: number;
}

/** Judges the sequence of an advert whose signature is good, and remembers it if the advert is new. */
export function admitSequence(
  state: ReplayState,
  source: string,
  sequence: Sequence,
  nowEpochMs: number,
  { antiReplay, timeWindowMs, capacity }: ReplayRules,
): ReplayVerdict {
  if (antiReplay === "time") {
    const aheadMs = aheadOfClockMs(sequence, nowEpochMs);
    if (Math.abs(aheadMs) > timeWindowMs) return { ok: false, kind: "hmac-outside-window", aheadMs };
  }
  const known = state.find((sender) => sender.source === source);
  // What it sent while all clocks were ahead says nothing once they were set right: the window is what protects then.
  const counts =
    known !== undefined && !(antiReplay === "time" && aheadOfClockMs(known.sequence, nowEpochMs) > timeWindowMs);
  if (counts && !isAfter(sequence, known.sequence)) return { ok: false, kind: "hmac-replayed" };
  const others = state.filter((sender) => sender !== known);
  return { ok: true, state: [{ source, sequence }, ...others].slice(0, capacity) };
}
