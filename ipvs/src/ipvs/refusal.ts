import type { Subject } from "../netlink/failure.ts";
import { endpointText, type Service, serviceKeyText, type TableOperation } from "../table.ts";

export function subjectOf(operation: TableOperation): Subject {
  switch (operation.kind) {
    case "new-service":
    case "set-service":
      return { operation: operation.kind, object: serviceKeyText(operation.service.key) };
    case "del-service":
      return { operation: operation.kind, object: serviceKeyText(operation.key) };
    default:
      return {
        operation: operation.kind,
        object: `${serviceKeyText(operation.key)} -> ${endpointText(operation.destination)}`,
      };
  }
}

/** Why the kernel refuses an operation of the table, as far as the number tells (net/netfilter/ipvs/ip_vs_ctl.c). */
export function refusalCause(operation: TableOperation, errno: string): string | null {
  switch (operation.kind) {
    case "new-service":
    case "set-service":
      return serviceCause(operation.service, errno);
    case "del-service":
      return generalCause(errno);
    case "new-destination":
    case "set-destination":
      switch (errno) {
        case "EEXIST":
          return "the service has this destination already";
        case "ENOENT":
          return "the service has no such destination";
        case "ERANGE":
          return "the lower threshold is above the upper";
        case "EINVAL":
          return invalidDestination(operation);
        default:
          return generalCause(errno);
      }
    case "del-destination":
      return errno === "ENOENT" ? "the service has no such destination" : generalCause(errno);
  }
}

function serviceCause({ scheduler, persistence }: Service, errno: string): string | null {
  switch (errno) {
    case "EEXIST":
      return "the service exists already";
    case "ENOENT": {
      const missing = `scheduler "${scheduler}" is not known to this kernel (modprobe ip_vs_${scheduler})`;
      const engine = persistence?.engine;
      return engine == null ? missing : `${missing}, or persistence engine "${engine}" (modprobe ip_vs_pe_${engine})`;
    }
    default:
      return generalCause(errno);
  }
}

function invalidDestination({ key, destination }: Extract<TableOperation, { kind: `${string}-destination` }>): string {
  const reasons = [`${destination.address} is not a unicast address`];
  // Before its first address a namespace has no local routing table, and IPVS takes every IPv4 address for broadcast.
  if (!destination.address.includes(":")) reasons.push("no interface has an address yet (ip link set lo up)");
  if ("tunnel" in destination && destination.tunnel?.type === "gue" && destination.tunnel.port === 0) {
    return "a gue tunnel needs a port";
  }
  if (key.kind === "fwmark" || key.address.includes(":") !== destination.address.includes(":")) {
    reasons.push("its family differs from the service's, which only TUN without a sync daemon allows");
  }
  return reasons.join(", or ");
}

/** What the number says about a request that is no operation of the table. */
export function requestCause({ operation }: Subject, errno: string): string | null {
  switch (`${operation} ${errno}`) {
    case "start-daemon EEXIST":
      return "a sync daemon of this role runs already";
    case "start-daemon ENODEV":
      return "there is no such interface";
    case "start-daemon EINVAL":
      return "the group is not multicast, or a destination's family differs from its service's";
    case "stop-daemon ESRCH":
      return "no sync daemon of this role runs";
    default:
      return generalCause(errno);
  }
}

/** What the number says about any IPVS request. */
function generalCause(errno: string): string | null {
  switch (errno) {
    case "EPERM":
      return "this needs CAP_NET_ADMIN (root)";
    case "ESRCH":
      return "there is no such service";
    case "EAFNOSUPPORT":
      return "this kernel's IPVS lacks the address family";
    case "ENOMEM":
      return "the kernel has no memory for it";
    default:
      return null;
  }
}
