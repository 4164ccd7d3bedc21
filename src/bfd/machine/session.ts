import type { SessionState } from "../packet/control-packet.ts";
import type { Reason } from "./reason.ts";

/** What the timers of a session are negotiated from; microseconds. */
export interface SessionSettings {
  readonly minTxUs: number;
  readonly minRxUs: number;
  /** Desired interval while the session is not up: at least a second (RFC 5880 section 6.8.3). */
  readonly idleTxUs: number;
  readonly multiplier: number;
  /** Sends nothing before it has heard the neighbour (section 6.1). */
  readonly passive: boolean;
}

/** What the neighbour said last. */
export interface Remote {
  readonly discriminator: number;
  readonly state: SessionState;
  readonly diagnostic: number;
  readonly minTxUs: number;
  readonly minRxUs: number;
  readonly multiplier: number;
  readonly demand: boolean;
}

/** One session (RFC 5880 section 6.8.1); moments are of the monotonic clock, Infinity is never. Plain data. */
export interface Session {
  readonly settings: SessionSettings;
  readonly state: SessionState;
  readonly sinceMs: number;
  readonly because: Reason;
  /** Ours; never 0. */
  readonly discriminator: number;
  readonly diagnostic: number;
  /** Null: nothing was heard for a detection time, or ever. */
  readonly remote: Remote | null;
  /** A poll sequence is under way; "again": what it asked for has changed since. */
  readonly poll: "none" | "sent" | "again";
  /** The interval that may be used: a longer one counts when the neighbour has confirmed it (section 6.8.3). */
  readonly txInForceUs: number;
  /** What the detection time is made of: a shorter one counts when the neighbour has confirmed it. */
  readonly rxInForceUs: number;
  readonly lastSentMs: number;
  readonly lastHeardMs: number;
  readonly nextTxMs: number;
  readonly detectAtMs: number;
  /** What the session says counts from its first end on, or from then on: before, it has had no time to come up. */
  readonly settleAtMs: number;
}

/** Least desired interval of a session that is not up (RFC 5880 section 6.8.3). */
const slowUs = 1_000_000;

export function newSession(settings: SessionSettings, discriminator: number, nowMs: number): Session {
  const idleUs = Math.max(slowUs, settings.idleTxUs);
  return {
    settings,
    state: "down",
    sinceMs: nowMs,
    because: { kind: "started" },
    discriminator,
    diagnostic: 0,
    remote: null,
    poll: "none",
    txInForceUs: idleUs,
    rxInForceUs: settings.minRxUs,
    lastSentMs: Number.NEGATIVE_INFINITY,
    lastHeardMs: Number.NEGATIVE_INFINITY,
    nextTxMs: settings.passive ? Number.POSITIVE_INFINITY : nowMs,
    detectAtMs: Number.POSITIVE_INFINITY,
    settleAtMs: nowMs + (settings.multiplier * idleUs) / 1000,
  };
}

/** What packets say that we want: slow while the session is not up. */
export function desiredMinTxUs({ settings, state }: Pick<Session, "settings" | "state">): number {
  return state === "up" ? settings.minTxUs : Math.max(slowUs, settings.idleTxUs);
}

/** Time between two packets before jitter (section 6.8.2); null: none may be sent (section 6.8.7). */
export function txIntervalUs(session: Session): number | null {
  const { state, remote, settings, poll, txInForceUs } = session;
  if (remote === null) return settings.passive ? null : txInForceUs;
  if (remote.minRxUs === 0) return null;
  if (remote.demand && state === "up" && remote.state === "up" && poll === "none") return null;
  return Math.max(txInForceUs, remote.minRxUs);
}

/** How long the neighbour may be silent (section 6.8.4); null while nothing is known of it. */
export function detectionTimeUs({ remote, rxInForceUs }: Session): number | null {
  return remote === null ? null : remote.multiplier * Math.max(rxInForceUs, remote.minTxUs);
}

/** When something has to be done; Infinity when nothing has. */
export function dueMs({ nextTxMs, detectAtMs, settleAtMs }: Session): number {
  return Math.min(nextTxMs, detectAtMs, settleAtMs);
}

/** What trackers go by; pending: it has had no time to come up yet. */
export function verdictOf({ state, settleAtMs }: Session): "up" | "down" | "pending" {
  if (state === "up") return "up";
  return settleAtMs === Number.POSITIVE_INFINITY ? "down" : "pending";
}
