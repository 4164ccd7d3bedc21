import type { SessionView } from "../bfd/process/session-view.ts";
import type { BfdInstanceStatus } from "./status-document.ts";
import { snakeCase } from "./vrrp-status.ts";

/** One BFD session in the status document. Pure. */
export function bfdInstanceStatus(view: SessionView): BfdInstanceStatus {
  const { name, state, reason, neighbor, source, multihop, discriminator, multiplier, remote } = view;
  return {
    name,
    state,
    since: new Date(view.sinceEpochMs).toISOString(),
    reason,
    settling: view.verdict === "pending",
    ...{ neighbor, source, multihop, discriminator, multiplier },
    tx_interval_ms: view.txIntervalUs === null ? null : view.txIntervalUs / 1000,
    detection_time_ms: view.detectionTimeUs === null ? null : view.detectionTimeUs / 1000,
    remote: remote && {
      state: remote.state,
      diagnostic: remote.diagnostic,
      discriminator: remote.discriminator,
      min_tx_ms: remote.minTxUs / 1000,
      min_rx_ms: remote.minRxUs / 1000,
      multiplier: remote.multiplier,
    },
    counters: Object.fromEntries(Object.entries(view.counters).map(([key, count]) => [snakeCase(key), count])),
  };
}
