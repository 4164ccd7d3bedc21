import {
  type Destination,
  type DestinationEntry,
  endpointText,
  type Protocol,
  type Service,
  type ServiceEntry,
  type ServiceKey,
  serviceKeyText,
  type TableOperation,
} from "ipvs-netlink";
import type { ContractContext } from "./contract-case.ts";

/** A key at the n-th port of the place where services may be. */
export function tcpKey({ place }: Pick<ContractContext, "place">, n = 0): ServiceKey {
  return addressKey("TCP", place.inet, place.port + n);
}

export function addressKey(protocol: Protocol, address: string, port: number): ServiceKey {
  return { kind: "address", protocol, address, port };
}

export function service(key: ServiceKey, settings: Partial<Service> = {}): Service {
  return { key, scheduler: "rr", schedulerFlags: [], persistence: null, onePacket: false, ...settings };
}

export function destination(address: string, settings: Partial<Destination> = {}): Destination {
  return {
    address,
    port: 8080,
    method: "NAT",
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: null,
    ...settings,
  };
}

export function newService(key: ServiceKey, settings: Partial<Service> = {}): TableOperation {
  return { kind: "new-service", service: service(key, settings) };
}

export function newDestination(key: ServiceKey, address: string, settings: Partial<Destination> = {}): TableOperation {
  return { kind: "new-destination", key, destination: destination(address, settings) };
}

/** A table without counters, in one order: what was written and what is read become comparable. */
export interface PlainEntry {
  readonly service: Service;
  readonly destinations: readonly Destination[];
}

export function plain(entries: readonly ServiceEntry[]): PlainEntry[] {
  return sorted(
    entries.map((entry) => ({ service: entry.service, destinations: entry.destinations.map(plainDestination) })),
  );
}

export function sorted(entries: readonly PlainEntry[]): PlainEntry[] {
  const byText =
    <T>(text: (item: T) => string) =>
    (a: T, b: T) =>
      text(a) < text(b) ? -1 : 1;
  return entries
    .map(({ service: one, destinations }) => ({
      service: one,
      destinations: destinations.toSorted(byText(endpointText)),
    }))
    .toSorted(byText((entry) => serviceKeyText(entry.service.key)));
}

function plainDestination(entry: DestinationEntry): Destination {
  const { address, port, method, weight, upperThreshold, lowerThreshold, tunnel } = entry;
  return { address, port, method, weight, upperThreshold, lowerThreshold, tunnel };
}
