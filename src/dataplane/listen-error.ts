import type { Refusal } from "./capabilities.ts";
import type { SocketKey } from "./forwarder.ts";

/** Why a service's address and port could not be listened on, and what to do about it. `errno` is that of bind(2) or listen(2). */
export function describeListenError(key: SocketKey, errno: string): Refusal {
  return { errno, cause: cause(key, errno) };
}

function cause({ protocol, address, port }: SocketKey, errno: string): string {
  switch (errno) {
    case "EADDRINUSE":
      return `another program has this port: "ss -${protocol === "TCP" ? "lt" : "lu"}np sport = :${port}" names it; stop it, or take another port`;
    case "EACCES":
      return `ports below 1024 need root or CAP_NET_BIND_SERVICE: take a higher port, or set net.ipv4.ip_unprivileged_port_start to ${port}`;
    case "EADDRNOTAVAIL":
      return `${address} is not an address of this machine: if VRRP brings it here, "sysctl -w net.ipv${address.includes(":") ? 6 : 4}.ip_nonlocal_bind=1" lets it be listened on before that; otherwise take one that the machine has`;
    case "EMFILE":
    case "ENFILE":
      return "no file descriptor is left: raise LimitNOFILE (ulimit -n)";
    case "EAFNOSUPPORT":
      return "this machine has no IPv6";
    default:
      return "cannot listen there";
  }
}
