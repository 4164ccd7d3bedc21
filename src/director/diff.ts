import { endpointText, type ServiceEntry, type ServiceKey, serviceKeyText, type TableOperation } from "ipvs-netlink";
import { sameDestination, sameService } from "./canonical.ts";
import type { DesiredEntry } from "./desired.ts";

/**
 * Operations of one service in two steps. `additive` creates the service and everything that carries traffic; `reductive` takes
 * traffic away. All of the first come before any of the second, so that at every prefix whatever carries traffic before and
 * after carries it throughout, and the last one out leaves only after its replacement is in.
 */
export interface ServiceOperations {
  readonly additive: readonly TableOperation[];
  readonly reductive: readonly TableOperation[];
}

/** How one service of ours becomes what it should be; `null` is absent. Minimal: an equal service takes no operation. */
export function diffService(wanted: DesiredEntry | null, actual: DesiredEntry | null): ServiceOperations {
  if (wanted === null) {
    // Deleting a service takes its destinations along.
    return { additive: [], reductive: actual === null ? [] : [{ kind: "del-service", key: actual.service.key }] };
  }
  const key = wanted.service.key;
  const additive: TableOperation[] = [];
  const reductive: TableOperation[] = [];
  const removals: TableOperation[] = [];
  if (actual === null) additive.push({ kind: "new-service", service: wanted.service });
  else if (!sameService(wanted.service, actual.service))
    additive.push({ kind: "set-service", service: wanted.service });

  const left = new Map(actual?.destinations.map((destination) => [endpointText(destination), destination]));
  for (const destination of wanted.destinations) {
    const text = endpointText(destination);
    const before = left.get(text);
    left.delete(text);
    if (before !== undefined && sameDestination(destination, before)) continue;
    const kind = before === undefined ? "new-destination" : "set-destination";
    (destination.weight > 0 ? additive : reductive).push({ kind, key, destination });
  }
  for (const { address, port } of left.values()) {
    removals.push({ kind: "del-destination", key, destination: { address, port } });
  }
  return { additive, reductive: [...reductive, ...removals] };
}

/**
 * What turns the actual table into the desired one, in an order that is safe at every prefix: creations and everything that
 * carries traffic, then weights taken away, destinations and at last services removed. A service that is neither wanted nor
 * owned belongs to somebody else and is left alone.
 */
export function diff(
  wanted: readonly DesiredEntry[],
  actual: readonly ServiceEntry[],
  isOwned: (key: ServiceKey) => boolean,
): TableOperation[] {
  const left = new Map(actual.map((entry) => [serviceKeyText(entry.service.key), entry]));
  const steps: ServiceOperations[] = [];
  for (const entry of wanted) {
    const text = serviceKeyText(entry.service.key);
    steps.push(diffService(entry, left.get(text) ?? null));
    left.delete(text);
  }
  for (const entry of left.values()) {
    if (isOwned(entry.service.key)) steps.push(diffService(null, entry));
  }
  return [...steps.flatMap((step) => step.additive), ...steps.flatMap((step) => step.reductive)];
}
