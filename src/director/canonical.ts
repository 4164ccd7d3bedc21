import type { Destination, Persistence, Service, Tunnel } from "ipvs-netlink";

/**
 * Equality of what we ask for and what the kernel answers. Both come in canonical text (addresses, sorted flags); what is left are
 * the kernel's own substitutions.
 */

/** Settings of a service; the keys are equal already. */
export function sameService(wanted: Service, actual: Service): boolean {
  return (
    wanted.scheduler === actual.scheduler &&
    wanted.onePacket === actual.onePacket &&
    sameFlags(wanted.schedulerFlags, actual.schedulerFlags) &&
    samePersistence(wanted.persistence, actual.persistence)
  );
}

/** Settings of a destination; the keys are equal already. */
export function sameDestination(wanted: Destination, actual: Destination): boolean {
  if (wanted.weight !== actual.weight) return false;
  if (wanted.upperThreshold !== actual.upperThreshold || wanted.lowerThreshold !== actual.lowerThreshold) return false;
  // __ip_vs_update_dest() turns any method into LOCAL for an address of the director itself.
  if (actual.method === "LOCAL") return true;
  return wanted.method === actual.method && sameTunnel(wanted, actual);
}

/** The order in which flags are given means nothing. */
function sameFlags(wanted: readonly string[], actual: readonly string[]): boolean {
  const a = new Set(wanted);
  const b = new Set(actual);
  return a.size === b.size && [...a].every((flag) => b.has(flag));
}

function samePersistence(wanted: Persistence | null, actual: Persistence | null): boolean {
  if (wanted === null || actual === null) return wanted === actual;
  return (
    wanted.timeoutS === actual.timeoutS &&
    wanted.prefixLength === actual.prefixLength &&
    (wanted.engine ?? "") === (actual.engine ?? "")
  );
}

// A kernel before 5.2 knows no tunnel types and answers none: all its tunnels are plain ipip.
const plainTunnel: Tunnel = { type: "ipip", port: 0, checksum: "none" };

function sameTunnel(wanted: Destination, actual: Destination): boolean {
  if (wanted.method !== "TUN") return true;
  const a = wanted.tunnel ?? plainTunnel;
  const b = actual.tunnel ?? plainTunnel;
  return a.type === b.type && a.port === b.port && a.checksum === b.checksum;
}
