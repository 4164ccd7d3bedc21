import type { BfdInstance } from "../../../config/bfd-model.ts";
import type { SessionView } from "../session-view.ts";

/** An instance with keepalived's defaults. */
export function instance(some: Partial<BfdInstance> = {}): BfdInstance {
  return {
    name: "peer",
    family: "inet",
    neighbor: "192.0.2.2",
    source: null,
    multihop: false,
    minTxUs: 10_000,
    minRxUs: 10_000,
    idleTxUs: 1_000_000,
    multiplier: 5,
    passive: false,
    ttl: 255,
    leastTtl: 255,
    tells: { vrrp: true, checker: true },
    ...some,
  };
}

/** A session that has just begun. */
export function view(some: Partial<SessionView> = {}): SessionView {
  return {
    name: "peer",
    neighbor: "192.0.2.2",
    source: null,
    multihop: false,
    state: "down",
    verdict: "pending",
    sinceEpochMs: Date.parse("2026-11-21T11:58:00Z"),
    reason: "no packet of the neighbour yet",
    discriminator: 42,
    txIntervalUs: 1_000_000,
    detectionTimeUs: null,
    multiplier: 5,
    remote: null,
    counters: { sent: 1, sendErrors: 0, received: 0, discarded: 0, cameUp: 0, wentDown: 0 },
    ...some,
  };
}
