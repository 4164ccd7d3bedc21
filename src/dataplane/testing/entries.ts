import type { Destination, Service } from "ipvs-netlink";
import type { SocketKey } from "../forwarder.ts";

export function tcpKey(port: number, address = "127.0.0.1"): SocketKey {
  return { kind: "address", protocol: "TCP", address, port };
}

export function udpKey(port: number, address = "127.0.0.1"): SocketKey {
  return { kind: "address", protocol: "UDP", address, port };
}

/** A round-robin service with nothing special about it, save `changes`. */
export function serviceOf(key: Service["key"], changes: Partial<Service> = {}): Service {
  return { key, scheduler: "rr", schedulerFlags: [], persistence: null, onePacket: false, ...changes };
}

/** A NAT destination of weight 1 with nothing special about it, save `changes`. */
export function destinationOf(port: number, changes: Partial<Destination> = {}): Destination {
  return {
    address: "127.0.0.1",
    port,
    method: "NAT",
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: null,
    ...changes,
  };
}
