import {
  addressFamily,
  endpointText,
  type ServiceEntry,
  type ServiceKey,
  serviceFamily,
  serviceKeyText,
  type TableOperation,
} from "ipvs-netlink";
import { type Refusal, unsupported, userspaceCapabilities } from "./capabilities.ts";
import type { ServiceState } from "./service-state.ts";

/**
 * The table of the user-space forwarder. Says of each operation whether the kernel would refuse it, and with which errno
 * (ip_vs_ctl.c), then takes it over; opening and closing sockets is somebody else's.
 */
export class ForwardingTable {
  readonly #services = new Map<string, ServiceState>();

  /** Why this operation cannot be applied now; null when it can. */
  check(operation: TableOperation): Refusal | null {
    const key = keyOf(operation);
    const name = serviceKeyText(key);
    const state = this.#services.get(name);
    if (operation.kind === "new-service") {
      return state === undefined
        ? unsupported(operation.service, userspaceCapabilities)
        : { errno: "EEXIST", cause: "the service exists already" };
    }
    if (state === undefined) return { errno: "ESRCH", cause: "there is no such service" };
    if (operation.kind === "set-service") return unsupported(operation.service, userspaceCapabilities);
    if (operation.kind === "del-service") return null;
    return checkDestination(operation, state.find(endpointText(operation.destination)) !== undefined);
  }

  /** A service that `check` has let pass. */
  add(state: ServiceState): void {
    this.#services.set(serviceKeyText(state.service.key), state);
  }

  /** Applies a change to a service, or to one of its destinations, that `check` has let pass. */
  commit(operation: TableChange): void {
    const name = serviceKeyText(keyOf(operation));
    const state = this.#services.get(name);
    if (state === undefined) return;
    switch (operation.kind) {
      case "del-service":
        this.#services.delete(name);
        break;
      case "set-service":
        state.update(operation.service);
        break;
      case "new-destination":
        state.add(operation.destination);
        break;
      case "set-destination":
        state.set(endpointText(operation.destination), operation.destination);
        break;
      case "del-destination":
        state.remove(endpointText(operation.destination));
    }
  }

  get(key: ServiceKey): ServiceState | undefined {
    return this.#services.get(serviceKeyText(key));
  }

  /** Every service, or those of `keys` that exist, with destinations and counters. */
  entries(keys?: readonly ServiceKey[]): ServiceEntry[] {
    const states = keys === undefined ? [...this.#services.values()] : keys.flatMap((key) => this.get(key) ?? []);
    return states.map((state) => state.entry());
  }

  /** Once a second. */
  expire(nowS: number): void {
    for (const state of this.#services.values()) state.expire(nowS);
  }

  /** Every two seconds. */
  estimate(): void {
    for (const state of this.#services.values()) state.estimate();
  }
}

export type TableChange = Exclude<TableOperation, { kind: "new-service" }>;

/** The service that an operation is about. */
export function keyOf(operation: TableOperation): ServiceKey {
  return "service" in operation ? operation.service.key : operation.key;
}

type DestinationOperation = Extract<TableOperation, { destination: unknown }>;

const maxWeight = 2 ** 31 - 1;

function checkDestination(operation: DestinationOperation, exists: boolean): Refusal | null {
  if (operation.kind !== "del-destination") {
    const { weight, upperThreshold, lowerThreshold } = operation.destination;
    if (weight < 0 || weight > maxWeight) {
      return { errno: "ERANGE", cause: `weight ${weight} is not in 0-${maxWeight}` };
    }
    if (lowerThreshold > upperThreshold) {
      return {
        errno: "ERANGE",
        cause: `lthreshold ${lowerThreshold} is above uthreshold ${upperThreshold}`,
      };
    }
  }
  if (operation.kind === "new-destination") {
    if (exists) return { errno: "EEXIST", cause: "the service has this destination already" };
    return (
      checkAddress(operation.destination.address, operation.key) ??
      unsupported(operation.destination, userspaceCapabilities)
    );
  }
  if (!exists) return { errno: "ENOENT", cause: "the service has no such destination" };
  return operation.kind === "set-destination" ? unsupported(operation.destination, userspaceCapabilities) : null;
}

function checkAddress(address: string, key: ServiceKey): Refusal | null {
  if (serviceFamily(key) !== addressFamily(address)) {
    return {
      errno: "EINVAL",
      cause: "NAT needs an address of the family of the service",
    };
  }
  return isUnicast(address) ? null : { errno: "EINVAL", cause: `${address} is not a unicast address` };
}

/** As ip_vs_new_dest asks: neither unspecified, multicast nor broadcast. */
function isUnicast(address: string): boolean {
  if (address.includes(":")) return address !== "::" && !address.toLowerCase().startsWith("ff");
  const first = Number(address.split(".")[0]);
  return first > 0 && first < 224;
}
