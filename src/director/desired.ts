import { type Destination, type DestinationKey, endpointText, type Service } from "ipvs-netlink";
import { atPort, type RealServer, type VirtualServer } from "../config/model.ts";
import { type AgentState, agentState } from "./agent-state.ts";
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
  /** One per service of the virtual server, all with the same destinations but for ports that are those of the service. */
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
  const byPort = new Map<number, readonly Destination[]>();
  return {
    entries: virtualServer.services.map((service) => {
      const port = service.key.kind === "fwmark" ? 0 : service.key.port;
      const destinations = byPort.get(port) ?? destinationsOf(virtualServer, decision, port);
      byPort.set(port, destinations);
      return { service, destinations };
    }),
    decision,
    events: decisionEvents(previous, decision, nowEpochMs),
  };
}

/** A real server before the quorum is known. */
interface Candidate {
  readonly realServer: RealServer;
  readonly weight: number;
  readonly adminState: AdminState;
  /** The agent that says so, where it is not the operator. */
  readonly agent: AgentState | null;
  readonly live: Liveness;
  /** Alive and enabled: takes traffic and counts for the quorum. */
  readonly eligible: boolean;
}

function candidate(virtualServer: string, realServer: RealServer, facts: Facts): Candidate {
  const override = facts.overrides.get(realServerKey(virtualServer, realServer.destination));
  const live = liveness(realServer.checks, facts.checks);
  const agent = override === undefined ? agentState(realServer.checks, facts.checks) : null;
  const adminState = override?.adminState ?? agent?.adminState ?? "enabled";
  return {
    realServer,
    weight: override?.weight ?? dynamicWeight(realServer.destination.weight, realServer.checks, facts.checks),
    adminState,
    agent,
    live,
    eligible: live.alive && adminState === "enabled",
  };
}

function decideRealServer(
  { realServer, weight, adminState, agent, live, eligible }: Candidate,
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
    reason:
      agent !== null
        ? { kind: "agent", ...agent }
        : adminState !== "enabled"
          ? { kind: "admin", adminState }
          : heldBack
            ? { kind: "quorum_lost" }
            : live.reason,
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

/**
 * Of a service with this port: real servers in the order of the configuration, the sorry server last; one that is also a real server
 * stands in its place.
 */
function destinationsOf(
  { realServers, sorryServer }: VirtualServer,
  decision: VirtualServerDecision,
  servicePort: number,
): Destination[] {
  const destinations: Destination[] = [];
  const sorry = sorryServer === null ? null : atPort(sorryServer.destination, servicePort);
  let sorryPlaced = sorry === null;
  realServers.forEach((realServer, index) => {
    const destination = atPort(realServer.destination, servicePort);
    const decided = decision.realServers[index];
    const isSorry = sorry !== null && sameEndpoint(destination, sorry);
    if (isSorry && decision.sorryServer?.inService) {
      destinations.push(sorry);
      sorryPlaced = true;
    } else if (decided?.inTable) {
      destinations.push({ ...destination, weight: decided.effectiveWeight });
      if (isSorry) sorryPlaced = true;
    }
  });
  if (!sorryPlaced && sorry !== null) {
    if (decision.sorryServer?.inService) destinations.push(sorry);
    else if (sorryServer?.inhibit) destinations.push({ ...sorry, weight: 0 });
  }
  return destinations;
}

function sameEndpoint(a: DestinationKey, b: DestinationKey): boolean {
  return a.address === b.address && a.port === b.port;
}
