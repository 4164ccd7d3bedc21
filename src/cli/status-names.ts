import type { StatusDocument, VirtualServerStatus } from "../control/status-document.ts";
import { socketText } from "./render-status.ts";

export const nameKinds = ["instances", "virtual-servers", "real-servers"] as const;
export type NameKind = (typeof nameKinds)[number];

/** The names of one kind in the order of the configuration, each once: what commands take as an argument. */
export function namesIn(status: StatusDocument, kind: NameKind): readonly string[] {
  switch (kind) {
    case "instances":
      return status.vrrp_instances.map(({ name }) => name);
    case "virtual-servers":
      return status.virtual_servers.map(({ name }) => name);
    case "real-servers":
      return [...new Set(status.virtual_servers.flatMap(realServers))];
  }
}

function realServers({ real_servers }: VirtualServerStatus): string[] {
  return real_servers.map(({ address, port }) => socketText(address, port));
}
