import type { Destination, Service } from "ipvs-netlink";
import { atPort, type RealServer, type VirtualServer } from "../config/model.ts";
import { type AgentState, agentState } from "./agent-state.ts";
import type { QuorumDecision, RealServerDecision, SorryServerDecision, VirtualServerDecision } from "./decision.ts";
import { type DecisionEvent, decisionEvents } from "./decision-events.ts";
import { dynamicWeight } from "./dynamic-weight.ts";
import { type AdminState, type Facts, realServerKey } from "./facts.ts";
import { finderByEndpoint, sameEndpoint } from "./find-by-endpoint.ts";
import { type Liveness, liveness } from "./liveness.ts";
import { decidePanic, takesPart } from "./panic.ts";
import { quorumMet } from "./quorum.ts";
import { rampedWeight } from "./slow-start.ts";

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
  /** When the same facts ask for something else (slow_start); null: never. */
  readonly nextChangeEpochMs: number | null;
}

/**
 * What the table should hold for one virtual server, and why. Pure: depends on its arguments only, not on the order in which
 * facts became known, and on the time where weights rise; `previous` carries the quorum (hysteresis) and since when things are as they are.
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

  const panic = decidePanic(virtualServer, candidates, sorryInService, previous, nowEpochMs);
  const panics = panic.panic?.active ?? false;
  const before = finderByEndpoint(previous?.realServers ?? []);
  let nextChangeEpochMs: number | null = null;
  const realServers = candidates.map((c, index) => {
    const takesTraffic = !sorryInService && (panics ? takesPart(c) : c.eligible);
    // In a panic nobody is spared: those that just came back carry more than those that are down.
    const recovered = takesTraffic && !panics ? c.live.recoveredEpochMs : null;
    const ramped = rampedWeight(c.weight, c.realServer.slowStartMs ?? 0, recovered, nowEpochMs);
    const { nextEpochMs } = ramped;
    if (nextEpochMs !== null) nextChangeEpochMs = Math.min(nextChangeEpochMs ?? nextEpochMs, nextEpochMs);
    const effectiveWeight = takesTraffic ? ramped.weight : 0;
    const old = before(c.realServer.destination, index);
    return decideRealServer(c, { takesTraffic, effectiveWeight, sorryInService }, old, nowEpochMs);
  });
  const decision: VirtualServerDecision = { name: virtualServer.name, quorum, sorryServer, ...panic, realServers };
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
    nextChangeEpochMs,
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
  const { overrides } = facts;
  const override =
    overrides.size === 0 ? undefined : overrides.get(realServerKey(virtualServer, realServer.destination));
  const live = liveness(realServer.checks, facts.checks);
  const said = override?.adminState ?? null;
  const agent = said === null ? agentState(realServer.checks, facts.checks) : null;
  const adminState = said ?? agent?.adminState ?? "enabled";
  return {
    realServer,
    weight: override?.weight ?? dynamicWeight(realServer.destination.weight, realServer.checks, facts.checks),
    adminState,
    agent,
    live,
    eligible: live.alive && adminState === "enabled",
  };
}

/** What a real server is to carry now. */
interface Traffic {
  readonly takesTraffic: boolean;
  readonly effectiveWeight: number;
  readonly sorryInService: boolean;
}

function decideRealServer(
  { realServer, weight, adminState, agent, live, eligible }: Candidate,
  { takesTraffic, effectiveWeight, sorryInService }: Traffic,
  before: RealServerDecision | undefined,
  nowEpochMs: number,
): RealServerDecision {
  const drains = adminState === "drained" && live.alive;
  const inTable = adminState !== "disabled" && (takesTraffic || drains || realServer.inhibitOnFailure);
  const state = adminState === "enabled" ? live.health : adminState;
  const heldBack = eligible && sorryInService;
  const unchanged = before !== undefined && before.state === state;
  const startedEpochMs = before === undefined && adminState === "enabled" ? live.sinceEpochMs : null;
  const decided: RealServerDecision = {
    address: realServer.destination.address,
    port: realServer.destination.port,
    weight,
    health: live.health,
    adminState,
    state,
    effectiveWeight,
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
  return unchanged && sameDecision(before, decided) ? before : decided;
}

/** Of two with the same state. Most real servers are as they were: thousands of equal objects are work for the garbage collector. */
function sameDecision(before: RealServerDecision, next: RealServerDecision): boolean {
  return (
    before.reason === next.reason &&
    before.weight === next.weight &&
    before.effectiveWeight === next.effectiveWeight &&
    before.inTable === next.inTable &&
    before.health === next.health &&
    before.adminState === next.adminState
  );
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
      const { effectiveWeight: weight } = decided;
      destinations.push(destination.weight === weight ? destination : { ...destination, weight });
      if (isSorry) sorryPlaced = true;
    }
  });
  if (!sorryPlaced && sorry !== null) {
    if (decision.sorryServer?.inService) destinations.push(sorry);
    else if (sorryServer?.inhibit) destinations.push({ ...sorry, weight: 0 });
  }
  return destinations;
}
