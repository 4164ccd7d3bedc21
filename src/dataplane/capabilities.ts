import type { Destination, Service } from "ipvs-netlink";
import type { Capabilities } from "../director/data-plane.ts";

/** What the user-space forwarder can hold. Every connection is a full proxy's, which is IPVS's NAT seen from both ends. */
export const userspaceCapabilities: Capabilities = {
  protocols: ["TCP", "UDP"],
  methods: ["NAT"],
  schedulers: ["rr", "wrr", "lc", "wlc", "sh"],
  fwmark: false,
  persistence: false,
  onePacket: false,
  thresholds: true,
};

/** Why a write is not possible: the errno that the kernel gives for the same mistake, and the cause in words. */
export interface Refusal {
  readonly errno: string;
  readonly cause: string;
}

/**
 * Why a data plane with these capabilities cannot hold a service or a destination, or null when it can.
 * Pure, so that `validate` and `run` can refuse a configuration before anything is written.
 */
export function unsupported(object: Service | Destination, capabilities: Capabilities): Refusal | null {
  return "key" in object ? unsupportedService(object, capabilities) : unsupportedDestination(object, capabilities);
}

function unsupportedService(service: Service, can: Capabilities): Refusal | null {
  const { key } = service;
  if (key.kind === "fwmark" && !can.fwmark) {
    return refuse("fwmark services are not supported: give an address and a port");
  }
  if (key.kind === "address" && !includes(can.protocols, key.protocol)) {
    return refuse(`protocol ${key.protocol} is not supported, only ${list(can.protocols)}`);
  }
  if (!includes(can.schedulers, service.scheduler)) {
    return refuse(`scheduler "${service.scheduler}" is not supported, only ${list(can.schedulers)}`, "ENOENT");
  }
  if (service.persistence !== null && !can.persistence) {
    return refuse('persistence is not supported: leave persistence_timeout out, or take lvs_sched "sh"');
  }
  if (key.kind === "address" && key.port === 0 && !can.persistence) {
    return refuse("port 0 (every port) needs persistence, which is not supported");
  }
  if (service.onePacket && !can.onePacket) return refuse("one-packet scheduling (ops) is not supported");
  return null;
}

function unsupportedDestination(destination: Destination, can: Capabilities): Refusal | null {
  if (!includes(can.methods, destination.method)) {
    return refuse(`forwarding method ${destination.method} is not supported, only ${list(can.methods)}`);
  }
  if ((destination.upperThreshold !== 0 || destination.lowerThreshold !== 0) && !can.thresholds) {
    return refuse("uthreshold and lthreshold are not supported");
  }
  return null;
}

function includes(allowed: readonly string[] | null, value: string): boolean {
  return allowed === null || allowed.includes(value);
}

function list(allowed: readonly string[] | null): string {
  return (allowed ?? []).join(", ");
}

function refuse(cause: string, errno = "EOPNOTSUPP"): Refusal {
  return { errno, cause };
}
