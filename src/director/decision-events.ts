import type { DestinationKey } from "ipvs-netlink";
import type { RealServerState, StateReason, VirtualServerDecision } from "./decision.ts";
import { finderByEndpoint } from "./find-by-endpoint.ts";

/** A change between two decisions. `lastedMs` is how long the old state lasted. */
export type DecisionEvent =
  | {
      readonly type: "real_server_changed";
      readonly virtualServer: string;
      readonly realServer: DestinationKey;
      readonly from: RealServerState;
      readonly to: RealServerState;
      readonly lastedMs: number;
      readonly reason: StateReason;
    }
  /** `lastedMs` is null at the start, where only a quorum that is not met is worth an event. */
  | {
      readonly type: "quorum_changed";
      readonly virtualServer: string;
      readonly met: boolean;
      readonly lastedMs: number | null;
      readonly weightUp: number;
      readonly needed: number;
      readonly hysteresis: number;
    }
  | {
      readonly type: "panic_changed";
      readonly virtualServer: string;
      readonly active: boolean;
      readonly lastedMs: number | null;
      readonly up: number;
      readonly counted: number;
      readonly threshold: number;
    }
  | {
      readonly type: "sorry_server_changed";
      readonly virtualServer: string;
      readonly sorryServer: DestinationKey;
      readonly inService: boolean;
      readonly lastedMs: number | null;
    };

/** What a person should hear of when `previous` becomes `next`. New and removed real servers are the configuration's doing. */
export function decisionEvents(
  previous: VirtualServerDecision | null,
  next: VirtualServerDecision,
  nowEpochMs: number,
): DecisionEvent[] {
  return [
    ...realServerEvents(previous, next, nowEpochMs),
    ...quorumEvents(previous, next, nowEpochMs),
    ...panicEvents(previous, next, nowEpochMs),
    ...sorryServerEvents(previous, next, nowEpochMs),
  ];
}

function realServerEvents(
  previous: VirtualServerDecision | null,
  next: VirtualServerDecision,
  nowEpochMs: number,
): DecisionEvent[] {
  if (previous === null) return [];
  const before = finderByEndpoint(previous.realServers);
  const events: DecisionEvent[] = [];
  for (const [index, realServer] of next.realServers.entries()) {
    const old = before(realServer, index);
    const { address, port, state, reason } = realServer;
    if (old === undefined || old.state === state) continue;
    events.push({
      type: "real_server_changed",
      virtualServer: next.name,
      realServer: { address, port },
      from: old.state,
      to: state,
      lastedMs: lasted(old.sinceEpochMs, nowEpochMs),
      reason,
    });
  }
  return events;
}

function quorumEvents(
  previous: VirtualServerDecision | null,
  next: VirtualServerDecision,
  nowEpochMs: number,
): DecisionEvent[] {
  const { met, weightUp, needed, hysteresis } = next.quorum;
  const wasMet = previous === null ? true : previous.quorum.met;
  if (wasMet === met) return [];
  const lastedMs = previous === null ? null : lasted(previous.quorum.sinceEpochMs, nowEpochMs);
  return [{ type: "quorum_changed", virtualServer: next.name, met, lastedMs, weightUp, needed, hysteresis }];
}

function panicEvents(
  previous: VirtualServerDecision | null,
  { name, panic }: VirtualServerDecision,
  nowEpochMs: number,
): DecisionEvent[] {
  const before = previous?.panic;
  if (panic === undefined || (before?.active ?? false) === panic.active) return [];
  const lastedMs = before === undefined ? null : lasted(before.sinceEpochMs, nowEpochMs);
  const { active, up, counted, threshold } = panic;
  return [{ type: "panic_changed", virtualServer: name, active, lastedMs, up, counted, threshold }];
}

function sorryServerEvents(
  previous: VirtualServerDecision | null,
  next: VirtualServerDecision,
  nowEpochMs: number,
): DecisionEvent[] {
  if (next.sorryServer === null) return [];
  const { address, port, inService } = next.sorryServer;
  const before = previous?.sorryServer ?? null;
  if ((before?.inService ?? false) === inService) return [];
  const lastedMs = before === null ? null : lasted(before.sinceEpochMs, nowEpochMs);
  return [
    { type: "sorry_server_changed", virtualServer: next.name, sorryServer: { address, port }, inService, lastedMs },
  ];
}

/** Times of day are what survives a restart; they may be set back in between. */
function lasted(sinceEpochMs: number, nowEpochMs: number): number {
  return Math.max(0, nowEpochMs - sinceEpochMs);
}
