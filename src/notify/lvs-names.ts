import type { DestinationKey } from "ipvs-netlink";
import type { VirtualServer } from "../config/model.ts";

type Named = Pick<VirtualServer, "group" | "services">;

/** `[192.0.2.1]:tcp:80`, `FWM 7` or `[GROUP]:0`, as keepalived writes it. */
export function virtualServerText({ group, services }: Named): string {
  if (group !== null) return `[${group}]:0`;
  const key = services[0]?.key;
  if (key === undefined) return "[]:0";
  return key.kind === "fwmark" ? `FWM ${key.fwmark}` : `[${key.address}]:${key.protocol.toLowerCase()}:${key.port}`;
}

/** `[10.0.0.1]:tcp:8080`; the protocol is that of the virtual server, none for a mark. */
export function realServerText({ services }: Named, { address, port }: DestinationKey): string {
  const protocol = services.flatMap(({ key }) => (key.kind === "address" ? [key.protocol.toLowerCase()] : []))[0];
  return `[${address}]:${protocol ?? "none"}:${port}`;
}
