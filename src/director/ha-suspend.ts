import { addressFamily } from "ipvs-netlink";
import type { Model, VirtualServer } from "../config/model.ts";
import { addressNumber } from "../net/address-range.ts";

/** Names of the virtual servers with ha_suspend of which this host has no address now. Those of marks alone have none to look for. */
export function suspendedServers({ virtualServers }: Model, hostAddresses: readonly string[]): ReadonlySet<string> {
  const suspended = virtualServers.filter(
    (virtualServer) => virtualServer.haSuspend === true && !isHere(virtualServer, hostAddresses),
  );
  return new Set(suspended.map(({ name }) => name));
}

function isHere({ services, marking }: VirtualServer, hostAddresses: readonly string[]): boolean {
  const own = new Set(services.flatMap(({ key }) => (key.kind === "address" ? key.address : [])));
  if (own.size === 0 && marking === undefined) return true;
  return hostAddresses.some(
    (address) =>
      own.has(address) ||
      marking?.destinations.some(
        ({ first, last }) =>
          addressFamily(first) === addressFamily(address) &&
          addressNumber(first) <= addressNumber(address) &&
          addressNumber(address) <= addressNumber(last),
      ),
  );
}
