import { type Destination, type DestinationKey, endpointText, type Service } from "ipvs-netlink";
import type { RealServer, VirtualServer } from "../config/model.ts";
import type { QuorumDecision, RealServerDecision, SorryServerDecision, VirtualServerDecision } from "./decision.ts";
import { type DecisionEvent, decisionEvents } from "./decision-events.ts";
import { dynamicWeight } from "./dynamic-weight.ts";
import { type AdminState, type Facts, realServerKey } from "./facts.ts";
import { type Liveness, liveness } from "./liveness.ts";
import { quorumMet } from "./quorum.ts";

/** One kernel service as it should be. */
export interface DesiredEntry {
  readonly service: Service;
  readonly destinations: readonly Destination[];
}

export interface Desired {
  /** One per service of the virtual server, all with the same destinations. */
  readonly entries: readonly DesiredEntry[];
  readonly decision: VirtualServerDecision;
  readonly events: readonly DecisionEvent[];
}

/**
 * What the table should hold for one virtual server, and why. Pure: depends on its arguments only, not on the order in which
 * facts became known; `previous` carries the quorum (hysteresis) and since when things are as they are.
 */
export function desired(
  virtualServer: VirtualServer,
  facts: Facts,
  previous: VirtualServerDecision | null,
  nowEpochMs: number,
): Desired {
  const candidates = virtualServer.realServers.map((realServer) => candidate(virtualServer.name, realServer, facts));
  const weightUp = candidates.reduce((sum, c) => sum + (c.eligible ? c.weight : 0), 0);
  const quorum = decideQuorum(virtualServer, weightUp, facts, previous, nowEpochMs);
  const sorryServer = decideSorryServer(virtualServer, quorum.met, previous, nowEpochMs);
  const sorryInService = sorryServer?.inService ?? false;

  const before = new Map(previous?.realServers.map((realServer) => [endpointText(realServer), realServer]));
  const realServers = candidates.map((c) =>
    decideRealServer(c, sorryInService, before.get(endpointText(c.realServer.destination)), nowEpochMs),
  );
  const decision: VirtualServerDecision = { name: virtualServer.name, quorum, sorryServer, realServers };
  const destinations = destinationsOf(virtualServer, decision);
  return {
    entries: virtualServer.services.map((service) => ({ service, destinations })),
    decision,
    events: decisionEvents(previous, decision, nowEpochMs),
  };
}

/** A real server before the quorum is known. */
interface Candidate {
  readonly realServer: RealServer;
  readonly weight: number;
  readonly adminState: AdminState;
  readonly live: Liveness;
  /** Alive and enabled: takes traffic and counts for the quorum. */
  readonly eligible: boolean;
}

function candidate(virtualServer: string, realServer: RealServer, facts: Facts): Candidate {
  const override = facts.overrides.get(realServerKey(virtualServer, realServer.destination));
  const adminState = override?.adminState ?? "enabled";
  const live = liveness(realServer.checks, facts.checks);
  return {
    realServer,
    weight: override?.weight ?? dynamicWeight(realServer.destination.weight, realServer.checks, facts.checks),
    adminState,
    live,
    eligible: live.alive && adminState === "enabled",
  };
}

function decideRealServer(
  { realServer, weight, adminState, live, eligible }: Candidate,
  sorryInService: boolean,
  before: RealServerDecision | undefined,
  nowEpochMs: number,
): RealServerDecision {
  const carriesTraffic = eligible && !sorryInService;
  const drains = adminState === "drained" && live.alive;
  const inTable = adminState !== "disabled" && (carriesTraffic || drains || realServer.inhibitOnFailure);
  const state = adminState === "enabled" ? live.health : adminState;
  const heldBack = eligible && sorryInService;
  const unchanged = before !== undefined && before.state === state;
  const startedEpochMs = before === undefined && adminState === "enabled" ? live.sinceEpochMs : null;
  return {
    address: realServer.destination.address,
    port: realServer.destination.port,
    weight,
    health: live.health,
    adminState,
    state,
    effectiveWeight: carriesTraffic ? weight : 0,
    inTable,
    reason: adminState !== "enabled" ? { kind: "admin", adminState } : heldBack ? { kind: "quorum_lost" } : live.reason,
    sinceEpochMs: unchanged ? before.sinceEpochMs : (startedEpochMs ?? nowEpochMs),
  };
}

function decideQuorum(
  virtualServer: VirtualServer,
  weightUp: number,
  facts: Facts,
  previous: VirtualServerDecision | null,
  nowEpochMs: number,
): QuorumDecision {
  const wasMet = previous?.quorum.met ?? facts.inheritedQuorum.get(virtualServer.name) ?? false;
  const met = quorumMet(wasMet, virtualServer, weightUp);
  return {
    needed: virtualServer.quorum,
    hysteresis: virtualServer.hysteresis,
    weightUp,
    met,
    sinceEpochMs: previous?.quorum.met === met ? previous.quorum.sinceEpochMs : nowEpochMs,
  };
}

function decideSorryServer(
  { sorryServer }: VirtualServer,
  quorumIsMet: boolean,
  previous: VirtualServerDecision | null,
  nowEpochMs: number,
): SorryServerDecision | null {
  if (sorryServer === null) return null;
  const { address, port } = sorryServer.destination;
  const before = previous?.sorryServer ?? null;
  const unchanged =
    before !== null && sameEndpoint(before, sorryServer.destination) && before.inService !== quorumIsMet;
  return { address, port, inService: !quorumIsMet, sinceEpochMs: unchanged ? before.sinceEpochMs : nowEpochMs };
}

/** Real servers in the order of the configuration, the sorry server last; one that is also a real server stands in its place. */
function destinationsOf({ realServers, sorryServer }: VirtualServer, decision: VirtualServerDecision): Destination[] {
  const destinations: Destination[] = [];
  let sorryPlaced = sorryServer === null;
  realServers.forEach(({ destination }, index) => {
    const decided = decision.realServers[index];
    const isSorry = sorryServer !== null && sameEndpoint(destination, sorryServer.destination);
    if (isSorry && decision.sorryServer?.inService) {
      destinations.push(sorryServer.destination);
      sorryPlaced = true;
    } else if (decided?.inTable) {
      destinations.push({ ...destination, weight: decided.effectiveWeight });
      if (isSorry) sorryPlaced = true;
    }
  });
  if (!sorryPlaced && sorryServer !== null) {
    if (decision.sorryServer?.inService) destinations.push(sorryServer.destination);
    else if (sorryServer.inhibit) destinations.push({ ...sorryServer.destination, weight: 0 });
  }
  return destinations;
}

function sameEndpoint(a: DestinationKey, b: DestinationKey): boolean {
  return a.address === b.address && a.port === b.port;
}
