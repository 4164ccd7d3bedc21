import { type ControlPacket, diagnostics, type KnownDiagnostic, type SessionState } from "../packet/control-packet.ts";
import type { Action } from "./action.ts";
import type { SessionEvent } from "./event.ts";
import type { Reason } from "./reason.ts";
import { desiredMinTxUs, detectionTimeUs, type Session, type SessionSettings, txIntervalUs } from "./session.ts";

const never = Number.POSITIVE_INFINITY;

export interface Step {
  readonly session: Session;
  readonly actions: readonly Action[];
}

/** The session while it is worked on. */
class Work {
  session: Session;
  readonly actions: Action[] = [];
  readonly nowMs: number;
  readonly random: () => number;

  constructor(session: Session, nowMs: number, random: () => number) {
    this.session = session;
    this.nowMs = nowMs;
    this.random = random;
  }

  set(some: Partial<Session>): void {
    this.session = { ...this.session, ...some };
  }
}

/**
 * BFD in asynchronous mode, without echo and authentication (RFC 5880 section 6.8). Pure: the moment and the random numbers (in [0, 1),
 * for the jitter) come in, packets and changes go out.
 */
export function step(session: Session, event: SessionEvent, nowMs: number, random: () => number): Step {
  const work = new Work(session, nowMs, random);
  switch (event.type) {
    case "packet":
      receive(work, event.packet);
      break;
    case "tick":
      tick(work);
      break;
    case "reconfigure":
      reconfigure(work, event.settings);
      break;
    case "shutdown":
      if (session.state !== "admin_down") enter(work, "admin_down", { kind: "shutdown" }, "admin_down");
      work.set({ nextTxMs: never, detectAtMs: never });
  }
  return { session: work.session, actions: work.actions };
}

/** Section 6.8.6 from where the session is known. */
function receive(work: Work, packet: ControlPacket): void {
  const { session, nowMs } = work;
  if (session.state === "admin_down") {
    work.actions.push({ type: "discarded", rejection: { kind: "admin_down" } });
    return;
  }
  const intervalBeforeUs = txIntervalUs(session);
  work.set({
    remote: {
      discriminator: packet.myDiscriminator,
      state: packet.state,
      diagnostic: packet.diagnostic,
      minTxUs: packet.desiredMinTxUs,
      minRxUs: packet.requiredMinRxUs,
      multiplier: packet.multiplier,
      demand: packet.demand,
    },
    lastHeardMs: nowMs,
  });
  if (packet.final) confirmed(work);
  changeState(work, packet);
  if (txIntervalUs(work.session) !== intervalBeforeUs) schedule(work, work.session.lastSentMs);
  awaitNext(work);
  if (packet.poll) transmit(work, "final");
}

/** The table of section 6.8.6. */
function changeState(work: Work, { state: theirs, diagnostic }: ControlPacket): void {
  const { state: ours } = work.session;
  if (theirs === "admin_down") {
    if (ours !== "down") enter(work, "down", { kind: "neighbor_admin_down" }, "neighbor_signaled_down");
    else if (work.session.because.kind !== "neighbor_admin_down") {
      work.set({ because: { kind: "neighbor_admin_down" } });
      settle(work);
    }
  } else if (ours === "down") {
    if (theirs === "down") enter(work, "init", { kind: "heard" });
    else if (theirs === "init") enter(work, "up", { kind: "established" }, "none");
  } else if (ours === "init") {
    if (theirs !== "down") enter(work, "up", { kind: "established" }, "none");
  } else if (theirs === "down") {
    enter(work, "down", { kind: "neighbor_down", diagnostic }, "neighbor_signaled_down");
  }
}

function tick(work: Work): void {
  const { nowMs } = work;
  const { detectAtMs } = work.session;
  if (detectAtMs <= nowMs) expire(work);
  if (work.session.settleAtMs <= nowMs) settle(work);
  if (work.session.nextTxMs <= nowMs) {
    transmit(work, "periodic");
    schedule(work, nowMs);
  }
}

/** No packet for a detection time (section 6.8.4): nothing is known of the neighbour any more (section 6.8.1). */
function expire(work: Work): void {
  const { session, nowMs } = work;
  const limitMs = (detectionTimeUs(session) ?? 0) / 1000;
  work.set({ remote: null, detectAtMs: never });
  if (session.state === "down") schedule(work, session.lastSentMs);
  else {
    const because: Reason = { kind: "silent", silentMs: nowMs - session.lastHeardMs, limitMs };
    enter(work, "down", because, "detection_time_expired");
  }
}

function settle(work: Work): void {
  if (work.session.settleAtMs === never) return;
  work.set({ settleAtMs: never });
  work.actions.push({ type: "settled" });
}

/** Another state; the neighbour is told at once, not with the next periodic packet (section 6.8.7). */
function enter(work: Work, to: SessionState, because: Reason, diagnostic?: KnownDiagnostic): void {
  const { session, nowMs } = work;
  const { state: from, sinceMs } = session;
  const wantedUs = desiredMinTxUs(session);
  work.set({
    state: to,
    sinceMs: nowMs,
    because,
    ...(diagnostic === undefined ? {} : { diagnostic: diagnostics.indexOf(diagnostic) }),
    ...(to === "init" ? {} : { settleAtMs: never }),
  });
  if (to === "up") want(work, wantedUs, session.settings.minRxUs);
  else work.set({ poll: "none", txInForceUs: desiredMinTxUs(work.session), rxInForceUs: session.settings.minRxUs });
  work.actions.push({ type: "changed", change: { from, to, lastedMs: nowMs - sinceMs, because } });
  if (work.session.remote !== null || !work.session.settings.passive) transmit(work, "periodic");
  schedule(work, nowMs);
}

/**
 * Other intervals than packets said so far: the neighbour is asked to confirm them (section 6.5). Until it has, a longer sending interval
 * and a shorter detection time do not count (section 6.8.3).
 */
function want(work: Work, desiredBeforeUs: number, requiredBeforeUs: number): void {
  const { session } = work;
  const { settings } = session;
  const desiredUs = desiredMinTxUs(session);
  if (desiredUs === desiredBeforeUs && settings.minRxUs === requiredBeforeUs) return;
  work.set({
    poll: session.poll === "none" ? "sent" : "again",
    txInForceUs: Math.min(session.txInForceUs, desiredUs),
    rxInForceUs: Math.max(session.rxInForceUs, settings.minRxUs),
  });
}

/** The poll sequence is over; if what it asked for changed on the way, that is what is asked for next. */
function confirmed(work: Work): void {
  const { session } = work;
  if (session.poll === "again") work.set({ poll: "sent" });
  else if (session.poll === "sent") {
    work.set({ poll: "none", txInForceUs: desiredMinTxUs(session), rxInForceUs: session.settings.minRxUs });
  }
}

function reconfigure(work: Work, settings: SessionSettings): void {
  const before = work.session;
  work.set({ settings });
  const { session } = work;
  if (session.state === "up") want(work, desiredMinTxUs(before), before.settings.minRxUs);
  else work.set({ txInForceUs: desiredMinTxUs(session), rxInForceUs: settings.minRxUs });
  if (before.state === "admin_down") return;
  if (work.session.poll !== before.poll) transmit(work, "periodic");
  if (txIntervalUs(work.session) !== txIntervalUs(before)) schedule(work, work.session.lastSentMs);
  awaitNext(work);
}

/** The next periodic packet, jittered so that senders do not get into step (section 6.8.7); never before now. */
function schedule(work: Work, fromMs: number): void {
  const { session, nowMs } = work;
  const intervalUs = session.state === "admin_down" ? null : txIntervalUs(session);
  if (intervalUs === null) {
    work.set({ nextTxMs: never });
    return;
  }
  // With a multiplier of 1 the neighbour would not forgive a full interval.
  const most = session.settings.multiplier === 1 ? 0.9 : 1;
  const share = 0.75 + work.random() * (most - 0.75);
  work.set({ nextTxMs: Math.max(nowMs, fromMs + (intervalUs / 1000) * share) });
}

/** When the silence of the neighbour will have been too long. */
function awaitNext(work: Work): void {
  const { session } = work;
  const limitUs = session.state === "admin_down" ? null : detectionTimeUs(session);
  work.set({ detectAtMs: limitUs === null ? never : session.lastHeardMs + limitUs / 1000 });
}

/** A packet with P has no F and the other way round (section 6.5); the answer to a poll leaves the rhythm as it is. */
function transmit(work: Work, kind: "periodic" | "final"): void {
  const { session, nowMs } = work;
  const { settings, remote } = session;
  work.actions.push({
    type: "send",
    packet: {
      diagnostic: session.diagnostic,
      state: session.state,
      poll: kind === "periodic" && session.poll !== "none",
      final: kind === "final",
      controlPlaneIndependent: false,
      demand: false,
      multiplier: settings.multiplier,
      myDiscriminator: session.discriminator,
      yourDiscriminator: remote?.discriminator ?? 0,
      desiredMinTxUs: desiredMinTxUs(session),
      requiredMinRxUs: settings.minRxUs,
      requiredMinEchoRxUs: 0,
    },
  });
  if (kind === "periodic") work.set({ lastSentMs: nowMs });
}
