import type { BfdInstance } from "../../config/bfd-model.ts";
import { describeDiagnostic, describeReason } from "../machine/describe.ts";
import { detectionTimeUs, type Session, txIntervalUs, verdictOf } from "../machine/session.ts";
import type { SessionState } from "../packet/control-packet.ts";

/** What a session has counted since it was configured. */
export interface SessionCounters {
  sent: number;
  sendErrors: number;
  received: number;
  discarded: number;
  cameUp: number;
  wentDown: number;
}

export function newCounters(): SessionCounters {
  return { sent: 0, sendErrors: 0, received: 0, discarded: 0, cameUp: 0, wentDown: 0 };
}

/** What the BFD process pushes of a session; plain data. */
export interface SessionView {
  readonly name: string;
  readonly neighbor: string;
  readonly source: string | null;
  readonly multihop: boolean;
  readonly state: SessionState;
  /** What trackers go by; pending: it has had no time to come up yet. */
  readonly verdict: "up" | "down" | "pending";
  readonly sinceEpochMs: number;
  readonly reason: string;
  readonly discriminator: number;
  /** Between two packets of ours, before jitter; null: none are sent. */
  readonly txIntervalUs: number | null;
  /** How long the neighbour may be silent; null: nothing was heard of it. */
  readonly detectionTimeUs: number | null;
  readonly multiplier: number;
  /** What the neighbour said last; null: nothing for a detection time, or ever. */
  readonly remote: {
    readonly state: SessionState;
    readonly diagnostic: string;
    readonly discriminator: number;
    readonly minTxUs: number;
    readonly minRxUs: number;
    readonly multiplier: number;
  } | null;
  readonly counters: SessionCounters;
}

/** `sinceEpochMs` is when the state was entered, by the wall clock. Pure. */
export function sessionView(
  { name, neighbor, source, multihop }: BfdInstance,
  session: Session,
  counters: SessionCounters,
  sinceEpochMs: number,
): SessionView {
  const { remote } = session;
  return {
    ...{ name, neighbor, source, multihop },
    state: session.state,
    verdict: verdictOf(session),
    sinceEpochMs,
    reason: describeReason(session.because),
    discriminator: session.discriminator,
    txIntervalUs: txIntervalUs(session),
    detectionTimeUs: detectionTimeUs(session),
    multiplier: session.settings.multiplier,
    remote: remote && {
      state: remote.state,
      diagnostic: describeDiagnostic(remote.diagnostic),
      discriminator: remote.discriminator,
      minTxUs: remote.minTxUs,
      minRxUs: remote.minRxUs,
      multiplier: remote.multiplier,
    },
    counters: { ...counters },
  };
}
