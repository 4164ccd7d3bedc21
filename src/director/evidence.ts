import { type Destination, endpointText, serviceKeyText } from "ipvs-netlink";
import { atPort, type RealServer, type VirtualServer } from "../config/model.ts";

/** What the table says about the health of a real server. */
export interface Evidence {
  readonly virtualServer: string;
  readonly realServer: RealServer;
  /** It is in the table as one that passes its checks. */
  readonly present: boolean;
}

/** Destinations by text of the service key; a service that is absent or null says nothing. */
export type Destinations = (serviceKey: string) => readonly Destination[] | null;

/** Reads the health of real servers off a table that a director made; nothing where the table cannot know it. */
export function evidenceOf(
  { name, services, realServers, sorryServer }: VirtualServer,
  destinationsOf: Destinations,
): Evidence[] {
  const held = services.find((service) => destinationsOf(serviceKeyText(service.key)) !== null);
  if (held === undefined) return [];
  const port = held.key.kind === "fwmark" ? 0 : held.key.port;
  const textOf = (destination: Destination) => endpointText(atPort(destination, port));
  const found = destinationsOf(serviceKeyText(held.key)) ?? [];
  const destinations = new Map(found.map((destination) => [endpointText(destination), destination]));
  const sorryText = sorryServer === null ? null : textOf(sorryServer.destination);
  // With the sorry server in service real servers are out whatever their health.
  if (sorryText !== null && (destinations.get(sorryText)?.weight ?? 0) > 0) return [];
  return realServers
    .filter(({ destination }) => textOf(destination) !== sorryText)
    .map((realServer) => ({
      virtualServer: name,
      realServer,
      present: passes(realServer, destinations.get(textOf(realServer.destination))),
    }));
}

function passes({ destination, inhibitOnFailure }: RealServer, found: Destination | undefined): boolean {
  if (found === undefined) return false;
  // Weight 0 is how a failed real server is inhibited, but also how it is configured or drained.
  return found.weight > 0 || !inhibitOnFailure || destination.weight === 0;
}
